{% macro ga4_event_id() -%}
    {#- GA4 gives events no id. Theirs is made of what a row of the daily and of the intraday export
        share, in JSON and in Parquet: date, stream, client, moment, name, place in the batch, and all
        parameters and items. So a row that is exported again has the same id, and two events of one
        batch, which share their moment, differ. What Google adds later is left out: where the
        visit came from. It begins with the place in the batch, so that events of the same moment
        keep their order. -#}
    {%- set of_traffic = [
        'source', 'medium', 'campaign', 'campaign_id', 'term', 'content', 'gclid', 'dclid', 'srsltid',
    ] -%}
    {%- set parts = [
        'event_date', 'stream_id', 'user_pseudo_id', 'event_timestamp', 'event_name',
        'batch_page_id', 'batch_ordering_id', keyed_values_as_text('parameters', of_traffic),
        'item_list',
    ] -%}
    concat(
            lpad(coalesce(batch_event_index, ''), 4, '0'),
            '-',
            md5(concat_ws(
                '|',
                {%- for part in parts %}
                coalesce({{ part }}, ''){{ ',' if not loop.last }}
                {%- endfor %}
            ))
        )
{%- endmacro %}

{% macro ga4_consent(column) -%}
    {#- Consent mode's Yes and No as booleans; GA4 writes Unset, or nothing, where it does not know. -#}
    case lower({{ column }})
            when 'yes' then 'true'
            when 'no' then 'false'
            when 'unset' then null
            else {{ column }}
        end
{%- endmacro %}

{% macro ga4_language(column) -%}
    {#- A language as browsers write it: GA4 has de-de for de-DE. -#}
    case
            when {{ matches(column, "'^[a-z]{2,3}-[a-z]{2}$'") }}
                then concat(
                    {{ dbt.split_part(column, "'-'", 1) }},
                    '-',
                    upper({{ dbt.split_part(column, "'-'", 2) }})
                )
            else nullif({{ column }}, '(not set)')
        end
{%- endmacro %}
