{% macro json_object(column, fields) -%}
    {#- A JSON object's text as a struct of texts: `fields` is a list of names; a field that is an
        object itself is a pair of its name and the list of its fields. Null where the text is no
        such object: nothing fails at run time. Why a macro: engines read JSON each in their own
        way. -#}
    {{ return(adapter.dispatch('json_object')(column, fields)) }}
{%- endmacro %}

{% macro default__json_object(column, fields) -%}
    try_cast(try_cast({{ column }} as json) as {{ json_shape(fields) }})
{%- endmacro %}

{% macro spark__json_object(column, fields) -%}
    case
            when {{ is_json(column) }}
                then from_json({{ column }}, '{{ spark_json_shape(fields) }}')
        end
{%- endmacro %}

{% macro field_of(struct, field) -%}
    {#- A field of a struct that json_object made; of a field that is a struct, `outer.inner`. Why a
        macro: engines reach into structs each in their own way. -#}
    {{ return(adapter.dispatch('field_of')(struct, field)) }}
{%- endmacro %}

{% macro default__field_of(struct, field) -%}
    {{ struct }}.{{ field }}
{%- endmacro %}

{% macro json_objects(column, fields) -%}
    {#- A JSON list's text as a list of such structs. Lists that a Parquet file holds as
        {"list": [{"element": …}]} read the same. -#}
    {{ return(adapter.dispatch('json_objects')(column, fields)) }}
{%- endmacro %}

{% macro default__json_objects(column, fields) -%}
    {%- set shape = json_shape(fields) -%}
    case
            when starts_with({{ column }}, '{')
                then list_transform(
                    try_cast(
                        try_cast({{ column }} as json)
                        as struct("list" struct("element" {{ shape }})[])
                    ).list,
                    lambda entry: entry.element
                )
            else try_cast(try_cast({{ column }} as json) as {{ shape }}[])
        end
{%- endmacro %}

{% macro spark__json_objects(column, fields) -%}
    {%- set shape = spark_json_shape(fields) -%}
    case
            when not {{ is_json(column) }} then null
            when startswith({{ column }}, '{')
                then transform(
                    from_json({{ column }}, 'struct<list: array<struct<element: {{ shape }}>>>').list,
                    entry -> entry.element
                )
            else from_json({{ column }}, 'array<{{ shape }}>')
        end
{%- endmacro %}

{% macro json_shape(fields) -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- if field is string -%}
            {%- do parts.append('"' ~ field ~ '" varchar') -%}
        {%- else -%}
            {%- do parts.append('"' ~ field[0] ~ '" ' ~ json_shape(field[1])) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('struct(' ~ parts | join(', ') ~ ')') }}
{%- endmacro %}

{% macro spark_json_shape(fields) -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- if field is string -%}
            {%- do parts.append('`' ~ field ~ '`: string') -%}
        {%- else -%}
            {%- do parts.append('`' ~ field[0] ~ '`: ' ~ spark_json_shape(field[1])) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return('struct<' ~ parts | join(', ') ~ '>') }}
{%- endmacro %}
