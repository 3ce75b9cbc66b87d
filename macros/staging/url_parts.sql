{% macro url_host(url) -%}
    {#- The host of a full address, in lower case and without a leading www.; null without one. The
        query goes first, because it may hold an address of its own. -#}
    regexp_replace(
            lower(split_part(nullif(
                split_part(split_part({{ url }}, '?', 1), '://', 2), ''
            ), '/', 1)),
            '^www\.', ''
        )
{%- endmacro %}

{% macro url_path(url) -%}
    {#- The path of an address without host, query and fragment; / for a bare host, null for none. -#}
    coalesce(
            nullif(regexp_replace(
                split_part(split_part({{ url }}, '?', 1), '#', 1), '^[^/]*://[^/]*', ''
            ), ''),
            case when {{ url }} like '%://%' then '/' end
        )
{%- endmacro %}

{% macro traffic_parameter(parameters, name) -%}
    {#- A utm parameter of what traffic_parameters gives, decoded; null without one. -#}
    case
            when {{ parameters }} like '%utm_%'
                then {{ url_decoded(
                    "nullif(regexp_extract(" ~ parameters ~ ", '(?i)[?&]" ~ name ~ "=([^&]+)', 1), '')"
                ) }}
        end
{%- endmacro %}
