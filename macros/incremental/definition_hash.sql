{% macro definition_hash(model_name) -%}
    {#- A fingerprint of all that decides a model's rows besides its data: the SQL of the model and
        of every model it stands on, the input contract, the seeds it reads and the rules among
        the vars. Rows of different fingerprints are never mixed: see should_full_refresh. -#}
    {%- if not execute or 'nodes' not in graph -%}
        {{ return('') }}
    {%- endif -%}
    {%- set decides = what_decides(model_name) -%}
    {#- dbt does not show a model the text of its macros: raise this number when a macro changes
        what stored rows mean. -#}
    {%- set parts = ['macros=6'] + decides.parts -%}
    {%- for rule in rule_vars() -%}
        {%- do parts.append(rule ~ '=' ~ var(rule)) -%}
    {%- endfor -%}
    {%- if decides.has_sources -%}
        {#- What stands for identifiers changes with the key, which is not told. -#}
        {%- do parts.append('hash_key=' ~ hash_key_fingerprint()) -%}
        {#- Without the var it is the landed files that say which tracker leads. -#}
        {%- do parts.append('leading=' ~ leading_trackers()) -%}
    {%- endif -%}
    {%- for name in node_of(model_name).config.meta.get('looked_up', []) -%}
        {%- do parts.append(name ~ '=' ~ content_hash(name)) -%}
    {%- endfor -%}
    {{ return(local_md5(parts | sort | join('|'))) }}
{%- endmacro %}

{% macro what_decides(model_name) -%}
    {#- What a model stands on: fingerprints of its `parts`, whether they read sources, and the names
        of `inputs` that are redone by keys. Those tell by themselves when they change: what is
        redone by keys itself looks no further. Beyond the small tables in which it only looks something
        up SQL and seeds count alone. Found once a build: dbt's models share the graph. -#}
    {%- set known = graph.setdefault('what_decides ' ~ invocation_id, {}) -%}
    {%- if model_name not in known -%}
        {%- do known.update({model_name: found_to_decide(model_name)}) -%}
    {%- endif -%}
    {{ return(known[model_name]) }}
{%- endmacro %}

{% macro found_to_decide(model_name) -%}
    {%- set first = node_of(model_name) -%}
    {%- set meta = first.config.meta -%}
    {%- set small = meta.get('looked_up', []) + meta.get('named_by_content', []) -%}
    {%- set found = namespace(parts=[], inputs=[], has_sources=false) -%}
    {%- set unseen, beyond, seen = [first.unique_id], [], [] -%}
    {%- for _ in range(3 * graph.nodes | length) if unseen or beyond -%}
        {%- set is_beyond = not unseen -%}
        {%- set unique_id = (unseen or beyond).pop() -%}
        {%- set node = graph.nodes.get(unique_id) -%}
        {%- if unique_id in seen or is_beyond and (is_redone(node) or unique_id in graph.sources) -%}
        {%- elif unique_id in graph.sources -%}
            {%- set found.has_sources = true -%}
            {%- for column in graph.sources[unique_id].columns.values() -%}
                {%- do found.parts.append([
                    unique_id, column.name, column.data_type, column.config.meta
                ] | join(' ')) -%}
            {%- endfor -%}
        {%- elif node and unique_id != first.unique_id and is_redone(node) and is_redone(first) -%}
            {%- do found.inputs.append(node.name) -%}
        {%- elif node -%}
            {%- do found.parts.append(unique_id ~ node.checksum.checksum) -%}
            {#- No rule of events, which are kept whatever the as-of moment is. -#}
            {%- if "var('as_of')" in node.raw_code -%}
                {%- do found.parts.append('as_of=' ~ var('as_of')) -%}
            {%- endif -%}
            {%- do (beyond if is_beyond or node.name in small else unseen).extend(
                node.depends_on.nodes or []
            ) -%}
        {%- endif -%}
        {%- do seen.append(unique_id) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro hash_key_fingerprint() -%}
    {#- Tells one key of pseudonyms from another. Asked once a build. -#}
    {%- set known = graph.setdefault('hash_key ' ~ invocation_id, {}) -%}
    {%- if not known -%}
        {%- do known.update({'hash': query_column('select ' ~ keyed_hash("'fingerprint'"))[0]}) -%}
    {%- endif -%}
    {{ return(known.hash) }}
{%- endmacro %}

{% macro node_of(model_name) -%}
    {#- The node of a model, in its latest version; none where there is no such model. -#}
    {%- set start = 'model.' ~ project_name ~ '.' ~ model_name -%}
    {{ return(graph.nodes.get(start) or graph.nodes.get(start ~ '.v1')) }}
{%- endmacro %}

{% macro content_hash(model_name) -%}
    {#- A fingerprint of the rows of a small table, in which what is redone by keys looks something up:
        when it changes, all rows are made anew. -#}
    {%- set node = node_of(model_name) -%}
    {{ return(query_column(
        'select md5(' ~ joined_text('row_text', '|', 'row_text') ~ ') from ('
        ~ 'select ' ~ row_as_json('rows_of') ~ ' as row_text from ' ~ api.Relation.create(
            database=target.get('database'), schema=node.schema, identifier=node.alias
        ) ~ ' as rows_of) as texts'
    )[0]) }}
{%- endmacro %}

{% macro is_redone(node) -%}
    {{ return(node and node.config.get('incremental_strategy') == 'redo_keys') }}
{%- endmacro %}


{% macro rule_vars() -%}
    {#- The vars that change what stored rows mean. -#}
    {{ return([
        'session_timeout_seconds', 'store_timezone', 'source_timezone', 'store_domains',
        'key_events', 'bot_session_events', 'bot_page_views', 'bot_seconds_per_page',
        'late_after_hours', 'payment_error_events', 'leading_trackers', 'consent_when_unknown',
        'consent_categories', 'snowplow_heartbeat_seconds', 'cart_abandonment_window_hours',
        'reporting_currency', 'engaged_session_seconds', 'attribution_lookback_days',
        'attribution_dimension', 'guest_customer_ids', 'minimum_audience_size',
    ]) }}
{%- endmacro %}
