{% macro entities_of(contexts, schema) -%}
    {#- The entities of one schema (`vendor/name`, of any version) in Snowplow's contexts, as a JSON
        list; null for none. `contexts` was read by json_fields with entity_fields. Why a macro:
        engines filter and transform lists each in their own way. -#}
    {{ return(adapter.dispatch('entities_of')(contexts, schema)) }}
{%- endmacro %}

{% macro default__entities_of(contexts, schema) -%}
    nullif(cast(to_json(list_transform(
            list_filter({{ contexts }}.data, lambda entity: entity.schema like '%{{ schema }}/%'),
            lambda entity: entity.data
        )) as {{ dbt.type_string() }}), '[]')
{%- endmacro %}

{% macro spark__entities_of(contexts, schema) -%}
    {#- Nested JSON is text on Spark: the list is put together of its parts. -#}
    nullif(concat('[', array_join(transform(
            filter({{ contexts }}.data, entity -> entity.schema like '%{{ schema }}/%'),
            entity -> entity.data
        ), ','), ']'), '[]')
{%- endmacro %}

{% macro entity_fields() -%}
    {#- The structure of Snowplow's contexts, for json_fields. -#}
    {{ return({'data': [{'schema': 'text', 'data': 'json'}]}) }}
{%- endmacro %}
