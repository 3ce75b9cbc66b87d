{% macro url_host(url) -%}
    {#- The host of a full address, in lower case and without a leading www.; null without one. -#}
    regexp_replace(
            lower(split_part(split_part(nullif(split_part({{ url }}, '://', 2), ''), '/', 1), '?', 1)),
            '^www\.', ''
        )
{%- endmacro %}

{% macro url_path(url) -%}
    {#- The path of an address without host, query and fragment; / for a bare host. -#}
    case
            when {{ url }} like '%://%' then concat('/', split_part(split_part(substr(
                {{ url }}, length(split_part({{ url }}, '/', 3)) + strpos({{ url }}, '://') + 4
            ), '?', 1), '#', 1))
            else split_part(split_part({{ url }}, '?', 1), '#', 1)
        end
{%- endmacro %}
