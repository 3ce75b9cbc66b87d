{% macro is_json(column) -%}
    {#- True where a text is valid JSON. Why a macro: the check has another name on each engine. -#}
    {{ return(adapter.dispatch('is_json')(column)) }}
{%- endmacro %}

{% macro default__is_json(column) -%}
    json_valid({{ column }})
{%- endmacro %}

{% macro spark__is_json(column) -%}
    {#- In a list, because Spark passes over what follows a value. NaN and a last comma are DuckDB's. -#}
    {%- set tidy = "regexp_replace(regexp_replace(" ~ column ~ ", '-?(NaN|Infinity)', 'null'),"
        ~ " ',[ \t\n\r]*([}]|])', '$1')" -%}
    {%- set listed = "try_parse_json(concat('[', " ~ tidy ~ ", ']'))" -%}
    (variant_get({{ listed }}, '$[0]') is not null and variant_get({{ listed }}, '$[1]') is null)
{%- endmacro %}

{% macro row_as_json(alias, withheld=[]) -%}
    {#- A whole row as JSON text, nulls and all, for rows kept in fct_rejected_rows. Columns that say
        who somebody is are `withheld`. Cheap, because an engine may make it of every row before it
        knows which ones are rejected: tidy_json brings the text of these into its shape. Why a
        macro: engines differ in how a row becomes a struct. -#}
    {{ return(adapter.dispatch('row_as_json')(alias, withheld)) }}
{%- endmacro %}

{% macro default__row_as_json(alias, withheld) -%}
    {%- set left_out = [] -%}
    {%- for column in withheld -%}
        {%- do left_out.append('"' ~ column ~ '": null') -%}
    {%- endfor -%}
    {%- set row_json = 'to_json(' ~ alias ~ ')' -%}
    {%- if left_out -%}
        {%- set row_json = 'json_merge_patch(' ~ row_json ~ ", '{" ~ left_out | join(', ') ~ "}')" -%}
    {%- endif -%}
    cast({{ row_json }} as {{ dbt.type_string() }})
{%- endmacro %}

{% macro spark__row_as_json(alias, withheld) -%}
    {%- set row = alias if alias in ['whole_row'] or '(' in alias else 'struct(' ~ alias ~ '.*)' -%}
    {%- set fields = "map('ignoreNullFields', 'false', 'timestampNTZFormat', 'yyyy-MM-dd HH:mm:ss[.SSSSSS]')" -%}
    {%- set row_json = 'to_json(' ~ row ~ ', ' ~ fields ~ ')' -%}
    {%- if withheld -%}
        {%- set row_json -%}
            to_json(map_filter(
                from_json({{ row_json }}, 'map<string, variant>'),
                (name, value) -> name not in ({{ sql_list(withheld) }})
            ))
        {%- endset -%}
        {{ row_json }}
    {%- else -%}
        {{ row_json }}
    {%- endif -%}
{%- endmacro %}

{% macro columns_as_json(columns) -%}
    {#- Named columns as JSON text, as row_as_json gives it. Why a macro: engines differ in how a
        struct is made. -#}
    {{ return(adapter.dispatch('columns_as_json')(columns)) }}
{%- endmacro %}

{% macro default__columns_as_json(columns) -%}
    {{ default__row_as_json('struct_pack(' ~ columns | join(', ') ~ ')', []) }}
{%- endmacro %}

{% macro spark__columns_as_json(columns) -%}
    {{ spark__row_as_json('struct(' ~ columns | join(', ') ~ ')', []) }}
{%- endmacro %}

{% macro tidy_json(column) -%}
    {#- The JSON text of a row with its values that are not null, by the names of their columns in
        lower case and in order, so that the text does not depend on the columns of other files.
        What is tidy stays as it is. Why a macro: engines read and write JSON each in their own
        way. -#}
    {{ return(adapter.dispatch('tidy_json')(column)) }}
{%- endmacro %}

{% macro default__tidy_json(column) -%}
    {%- set entries -%}
        map_entries(from_json(
                json_merge_patch('{}', cast({{ column }} as json)), '"MAP(VARCHAR, JSON)"'
            ))
    {%- endset -%}
    case
            when {{ column }} is not null
                then cast(to_json(map_from_entries(list_sort(list_transform(
                    {{ entries }},
                    lambda entry: struct_pack(name := lower(entry.key), value := entry.value)
                )))) as {{ dbt.type_string() }})
        end
{%- endmacro %}

{% macro spark__tidy_json(column) -%}
    {#- Fractions of a second have six digits in Spark's JSON; DuckDB's end with the last that is not 0. -#}
    regexp_replace(
            to_json(map_from_entries(array_sort(transform(
                filter(
                    map_entries(from_json({{ column }}, 'map<string, variant>')),
                    entry -> entry.value is not null and not is_variant_null(entry.value)
                ),
                entry -> named_struct('name', lower(entry.key), 'value', entry.value)
            ), (one, other) -> case
                when one.name < other.name then -1 when one.name > other.name then 1 else 0
            end))),
            '("_loaded_at":"[0-9: -]+)([.]000000|([.][0-9]*[1-9])0+)"', '$1$3"'
        )
{%- endmacro %}

{% macro json_text(column, path) -%}
    {#- The value at a path of a JSON text, as text; null where there is none or where the text is no
        JSON. Why a macro: engines name the function and write paths each in their own way. -#}
    {{ return(adapter.dispatch('json_text')(column, path)) }}
{%- endmacro %}

{% macro default__json_text(column, path) -%}
    {%- set dot = '' if path[0] == '[' else '.' -%}
    json_extract_string(
            case when json_valid({{ column }}) then {{ column }} end, '${{ dot }}{{ path }}'
        )
{%- endmacro %}

{% macro spark__json_text(column, path) -%}
    {%- set dot = '' if path[0] == '[' else '.' -%}
    get_json_object({{ column }}, '${{ dot }}{{ path }}')
{%- endmacro %}

{% macro spark_if_list(text) -%}
    {#- A JSON text if it is a list: read as a list, a single object would be one for Spark. -#}
    if({{ text }} rlike '^\\s*\\[', {{ text }}, null)
{%- endmacro %}

{% macro json_sum(column, path) -%}
    {#- The sum of the numbers at a path of every object of a JSON list, such as price or
        tax_lines[*].price; null where there is none. Why a macro: engines name the functions each in
        their own way. -#}
    {{ return(adapter.dispatch('json_sum')(column, path)) }}
{%- endmacro %}

{% macro default__json_sum(column, path) -%}
    list_sum(list_transform(
            json_extract_string(
                case when json_valid({{ column }}) then {{ column }} end, '$[*].{{ path }}'
            ),
            lambda amount: try_cast(amount as decimal(18, 4))
        ))
{%- endmacro %}

{% macro spark_shape_of(path) -%}
    {#- The field at a path such as amount_set.amount, as Spark describes structures. -#}
    {%- set name, _, rest = path.partition('.') -%}
    {{ return(name ~ ': ' ~ ('struct<' ~ spark_shape_of(rest) ~ '>' if rest else 'string')) }}
{%- endmacro %}

{% macro spark__json_sum(column, path) -%}
    {%- set list, _, field = path.rpartition('[*].') -%}
    {%- set shape = spark_shape_of(field) -%}
    {%- if list -%}
        {%- set amounts -%}
            flatten(transform(
                from_json({{ spark_if_list(column) }}, 'array<struct<{{ list }}: array<struct<{{ shape }}>>>>'),
                item -> item.{{ list }}.{{ field }}
            ))
        {%- endset -%}
    {%- else -%}
        {%- set amounts -%}
            from_json({{ spark_if_list(column) }}, 'array<struct<{{ shape }}>>').{{ field }}
        {%- endset -%}
    {%- endif -%}
    aggregate(
            transform({{ amounts }}, amount -> try_cast(amount as decimal(18, 4))),
            cast(null as decimal(38, 4)),
            (total, amount) -> cast(
                coalesce(total + amount, total, amount) as decimal(38, 4)
            )
        )
{%- endmacro %}

{% macro json_attribute(column, name) -%}
    {#- The value of the first object of a JSON list [{"name": …, "value": …}] that has a name; null
        without one. Why a macro: engines search lists each in their own way. -#}
    {{ return(adapter.dispatch('json_attribute')(column, name)) }}
{%- endmacro %}

{% macro default__json_attribute(column, name) -%}
    list_filter(
            from_json(
                case when json_valid({{ column }}) then {{ column }} end,
                '[{"name": "VARCHAR", "value": "VARCHAR"}]'
            ),
            lambda attribute: attribute.name = '{{ name }}'
        )[1].value
{%- endmacro %}

{% macro spark__json_attribute(column, name) -%}
    get(filter(
            from_json({{ spark_if_list(column) }}, 'array<struct<name: string, value: string>>'),
            attribute -> attribute.name = '{{ name }}'
        ), 0).value
{%- endmacro %}

{% macro exploded_json(relation, columns, json_column, fields) -%}
    {#- A query with one row per object of a JSON list, beside the given columns of its row: its
        fields as text, nested ones as JSON text, and its position, from 1 on. Why a macro: engines
        read JSON and unnest lists each in their own way. -#}
    {{ return(adapter.dispatch('exploded_json')(relation, columns, json_column, fields)) }}
{%- endmacro %}

{% macro default__exploded_json(relation, columns, json_column, fields) -%}
    select
        {{ columns | join(',\n        ') }},
        {%- for field in fields %}
        item.{{ field }} as {{ field }},
        {%- endfor %}
        position
    from (
        select
            {{ columns | join(',\n            ') }},
            unnest(objects) as item,
            generate_subscripts(objects, 1) as position
        from (
            select
                *,
                from_json(
                    case when json_valid({{ json_column }}) then {{ json_column }} end,
                    '[{
                    {%- for field in fields -%}
                        "{{ field }}": "VARCHAR"{{ ", " if not loop.last }}
                    {%- endfor -%}
                    }]'
                ) as objects
            from {{ relation }}
        ) as parsed
    ) as unnested
{%- endmacro %}

{% macro spark__exploded_json(relation, columns, json_column, fields) -%}
    select
        {{ columns | join(',\n        ') }},
        {%- for field in fields %}
        item.{{ field }} as {{ field }},
        {%- endfor %}
        cast(item_position + 1 as bigint) as position
    from (
        select
            {{ columns | join(',\n            ') }},
            posexplode(from_json(
                {{ spark_if_list(json_column) }},
                'array<struct<
                {%- for field in fields -%}
                    {{ field }}: string{{ ", " if not loop.last }}
                {%- endfor -%}
                >>'
            )) as (item_position, item)
        from {{ relation }}
    ) as unnested
{%- endmacro %}
