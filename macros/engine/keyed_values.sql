{% macro keyed_values(column) -%}
    {#- The entries of a JSON list of {"key": …, "value": {"string_value": …}}, as GA4 writes it:
        names with texts, made once per row and read with value_of_key. A number reads the same
        however it was written. Why a macro: engines read JSON and have maps each in their own
        way. -#}
    {{ return(adapter.dispatch('keyed_values')(column)) }}
{%- endmacro %}

{% macro default__keyed_values(column) -%}
    {#- No map: DuckDB's fails on a key that comes twice. -#}
    {%- set value_types = ['string_value', 'int_value', 'float_value', 'double_value'] -%}
    list_transform(
            {{ json_objects(column, ['key', ['value', value_types]]) }},
            lambda entry: struct_pack(
                name := entry.key,
                text := coalesce(
                    entry.value.string_value,
                    entry.value.int_value,
                    cast(try_cast(
                        coalesce(entry.value.double_value, entry.value.float_value) as double
                    ) as varchar)
                )
            )
        )
{%- endmacro %}

{% macro spark__keyed_values(column) -%}
    {%- set value_types = ['string_value', 'int_value', 'float_value', 'double_value'] -%}
    transform(
            {{ json_objects(column, ['key', ['value', value_types]]) }},
            entry -> named_struct(
                'name', entry.key,
                'text', coalesce(
                    entry.value.string_value,
                    entry.value.int_value,
                    {{ spark_number_text(
                        'try_cast(coalesce(entry.value.double_value, entry.value.float_value) as double)'
                    ) }}
                )
            )
        )
{%- endmacro %}

{% macro value_of_key(keyed, name) -%}
    {#- The text that keyed_values has under a name, the first one; null without one. -#}
    {{ return(adapter.dispatch('value_of_key')(keyed, name)) }}
{%- endmacro %}

{% macro default__value_of_key(keyed, name) -%}
    {{ keyed }}[
            list_position(list_transform({{ keyed }}, lambda entry: entry.name), '{{ name }}')
        ].text
{%- endmacro %}

{% macro spark__value_of_key(keyed, name) -%}
    get(filter({{ keyed }}, entry -> entry.name = '{{ name }}'), 0).text
{%- endmacro %}

{% macro keyed_values_as_text(keyed, left_out) -%}
    {#- All entries of keyed_values as one text, whatever their order; without the names left out. -#}
    {{ return(adapter.dispatch('keyed_values_as_text')(keyed, left_out)) }}
{%- endmacro %}

{% macro default__keyed_values_as_text(keyed, left_out) -%}
    array_to_string(list_sort(list_transform(
            list_filter({{ keyed }}, lambda entry: entry.name not in ({{ sql_list(left_out) }})),
            lambda entry: concat(entry.name, '=', entry.text)
        )), chr(31))
{%- endmacro %}

{% macro spark__keyed_values_as_text(keyed, left_out) -%}
    array_join(array_sort(transform(
            filter({{ keyed }}, entry -> entry.name not in ({{ sql_list(left_out) }})),
            entry -> concat(coalesce(entry.name, ''), '=', coalesce(entry.text, ''))
        )), chr(31))
{%- endmacro %}

{% macro spark_number_text(number) -%}
    {#- A floating-point number as DuckDB writes it: 0.0005, 3.0, 10000000.0, 1e-05, 1e+16. Spark writes
        1.0E7 from ten million on, and 5.0E-4 below a thousandth. -#}
    {%- set size = 'abs(' ~ number ~ ')' -%}
    case
            when {{ size }} between 1e-4 and 1e-3 or {{ size }} >= 1e7 and {{ size }} < 1e16
                then regexp_replace(
                    regexp_replace(cast(cast({{ number }} as decimal(38, 20)) as string), '0+$', ''),
                    '[.]$', '.0'
                )
            else lower(regexp_replace(regexp_replace(regexp_replace(
                cast({{ number }} as string), '[.]0E', 'E'
            ), 'E([0-9])', 'E+$1'), '(E[+-])([0-9])$', '$10$2'))
        end
{%- endmacro %}
