{% macro url_host(url) -%}
    {#- The host of a full address, in lower case and without a leading www.; null without one. -#}
    nullif(regexp_extract(lower({{ url }}), '^[^/?#]*://(?:www[.])?([^/?#]*)', 1), '')
{%- endmacro %}

{% macro url_path(url) -%}
    {#- The path of an address without host, query and fragment; / for a bare host, null for none. -#}
    coalesce(
            nullif(regexp_extract({{ url }}, '^(?:[^/?#]*://[^/?#]*)?([^?#]*)', 1), ''),
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
