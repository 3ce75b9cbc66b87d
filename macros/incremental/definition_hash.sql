{% macro definition_hash(model_name) -%}
    {#- A fingerprint of all that decides a model's rows besides its data: the SQL of the model and
        of every model it stands on, the input contract, the seeds it reads and the rules among
        the vars. Rows of different fingerprints are never mixed: see should_full_refresh. -#}
    {%- set unseen = ['model.' ~ project_name ~ '.' ~ model_name] -%}
    {%- set seen = [] -%}
    {#- dbt does not show a model the text of its macros: raise this number when a macro changes
        what stored rows mean. -#}
    {%- set parts = ['macros=2'] -%}
    {%- for _ in range(graph.nodes | length) if unseen -%}
        {%- set unique_id = unseen.pop() -%}
        {%- if unique_id in graph.nodes and unique_id not in seen -%}
            {%- do seen.append(unique_id) -%}
            {%- do parts.append(unique_id ~ graph.nodes[unique_id].checksum.checksum) -%}
            {%- do unseen.extend(graph.nodes[unique_id].depends_on.nodes or []) -%}
        {%- elif unique_id in graph.sources and unique_id not in seen -%}
            {%- do seen.append(unique_id) -%}
            {%- for column in graph.sources[unique_id].columns.values() -%}
                {%- do parts.append([
                    unique_id, column.name, column.data_type, column.config.meta
                ] | join(' ')) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for rule in rule_vars() -%}
        {%- do parts.append(rule ~ '=' ~ var(rule)) -%}
    {%- endfor -%}
    {#- What stands for identifiers changes with the key, which is not told. -#}
    {%- if execute -%}
        {%- do parts.append('hash_key=' ~ query_column('select ' ~ keyed_hash("'fingerprint'"))[0]) -%}
    {%- endif -%}
    {#- Without the var it is the landed files that say which tracker leads. -#}
    {%- do parts.append('leading=' ~ leading_trackers()) -%}
    {{ return(local_md5(parts | sort | join('|'))) }}
{%- endmacro %}

{% macro rule_vars() -%}
    {#- The vars that change what stored rows mean. -#}
    {{ return([
        'session_timeout_seconds', 'store_timezone', 'source_timezone', 'store_domains',
        'key_events', 'bot_session_events', 'bot_page_views', 'bot_seconds_per_page',
        'late_after_hours', 'payment_error_events', 'leading_trackers', 'consent_when_unknown',
        'consent_categories', 'snowplow_heartbeat_seconds',
    ]) }}
{%- endmacro %}
