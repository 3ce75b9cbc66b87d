{% macro traffic_hints(events) -%}
    {#- A query of what the packed texts `traffic` of events say about a source, a row per text: events
        that say the same are read once. What the tracker split off the address counts before what
        stands in the address alone. -#}
    select
        traffic,
        page_host,
        referrer_host,
        {%- for parameter in ['utm_source', 'utm_medium', 'utm_campaign'] %}
        lower(coalesce(
            nullif(trim({{ parameter }}), ''),
            nullif(trim({{ traffic_parameter('traffic_parameters', parameter) }}), '')
        )) as {{ parameter }},
        {%- endfor %}
        concat(
            case when gclid is not null then '&gclid=' else '' end,
            case when msclkid is not null then '&msclkid=' else '' end,
            case when fbclid is not null then '&fbclid=' else '' end,
            coalesce(replace(lower(traffic_parameters), '?', '&'), '')
        ) as parameters
    from (
        select
            traffic,
            {{- unpacked('parts', traffic_columns()) }}
        from (
            select
                traffic,
                {{ parts_of('traffic') }} as parts
            from {{ events }}
            group by traffic
        ) as split_texts
    ) as texts
{%- endmacro %}
