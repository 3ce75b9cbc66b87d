{% macro adapters_of(table_name) -%}
    {#- The adapters that are on (var adapters) and feed a table of the contract: the one place that
        says which adapter feeds which table. -#}
    {%- set feeds = {
        'events': ['ga4', 'snowplow', 'segment'],
        'ad_spend': ['google_ads', 'facebook_ads', 'microsoft_ads', 'tiktok_ads'],
        'orders': ['shopify'],
        'order_lines': ['shopify'],
        'refunds': ['shopify'],
        'customers': ['segment', 'shopify'],
        'products': ['shopify'],
        'product_prices': ['shopify'],
        'inventory_snapshots': ['shopify'],
    } -%}
    {%- set chosen = var('adapters') -%}
    {%- set known = feeds.values() | sum(start=[]) | unique | list -%}
    {%- if chosen is string or chosen is not iterable -%}
        {{ exceptions.raise_compiler_error(
            "the var adapters is a list, such as [google_ads], and not " ~ chosen
        ) }}
    {%- endif -%}
    {%- for adapter_name in chosen if adapter_name not in known -%}
        {{ exceptions.raise_compiler_error(
            "the var adapters names " ~ adapter_name ~ "; there are " ~ known | join(', ')
        ) }}
    {%- endfor -%}
    {{ return(feeds.get(table_name, []) | select('in', chosen) | list) }}
{%- endmacro %}

{% macro adapted(table_name, also=[]) -%}
    {#- Adds what adapters give for a table of the contract to the rows that were landed for it:
        the contract's columns as text, then _source_table, raw_row, _loaded_at, _source_file and
        _source_row; `also` are columns after those. Empty where no adapter is on. -#}
    {%- for adapter_name in adapters_of(table_name) %}
    union all
    select {{ (['*'] + also) | join(', ') }} from {{ ref('stg_' ~ adapter_name ~ '__' ~ table_name) }}
    {%- endfor %}
{%- endmacro %}

{% macro source_table_of(source_name, table_name) -%}
    {#- The raw table that a staged row of a table of the contract came from. -#}
    {%- if adapters_of(table_name) -%}
        _source_table
    {%- else -%}
        '{{ source_name }}.{{ table_name }}'
    {%- endif -%}
{%- endmacro %}

{% macro is_event_table() -%}
    {#- SQL: whether a landed file, a row of stg_landing__files, holds events: the contract's, or
        those of a raw table of an adapter that is on and whose meta says `gives: events`. -#}
    {%- set tables = ["'web/events'"] -%}
    {%- for node in graph.get('sources', {}).values() -%}
        {%- if node.source_name in adapters_of('events') and node.meta.get('gives') == 'events' -%}
            {%- do tables.append("'" ~ node.source_name ~ '/' ~ node.name ~ "'") -%}
        {%- endif -%}
    {%- endfor -%}
    concat(source_name, '/', table_name) in ({{ tables | sort | join(', ') }})
{%- endmacro %}
