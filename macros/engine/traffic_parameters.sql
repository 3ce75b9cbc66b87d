{% macro traffic_parameters(url) -%}
    {#- The parameters of an address that may say where a click came from, as they stand there:
        utm_source, utm_medium and utm_campaign with their values, of all others the name and the
        first character alone, so that no id is kept; null without any. Why a macro: engines gather
        the matches of a pattern each in their own way. -#}
    {{ return(adapter.dispatch('traffic_parameters')(url)) }}
{%- endmacro %}

{% macro default__traffic_parameters(url) -%}
    {%- set pattern = '(?i)[?&](?:utm_(?:source|medium|campaign)=[^&#]+|[a-z0-9_]{1,20}=[^&#])' -%}
    nullif(
            case
                when position('?' in {{ url }}) > 0
                    then array_to_string(regexp_extract_all({{ url }}, '{{ pattern }}'), '')
            end, ''
        )
{%- endmacro %}

{% macro spark__traffic_parameters(url) -%}
    {%- set pattern = '(?i)[?&](?:utm_(?:source|medium|campaign)=[^&#]+|[a-z0-9_]{1,20}=[^&#])' -%}
    nullif(
            case
                when position('?' in {{ url }}) > 0
                    then array_join(regexp_extract_all({{ url }}, '{{ pattern }}', 0), '')
            end, ''
        )
{%- endmacro %}
