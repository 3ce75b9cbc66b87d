{% macro number_text(number) -%}
    {#- A floating-point number as text, 2.5 and 3.0. Why a macro: engines begin to write exponents at
        different sizes. -#}
    {{ return(adapter.dispatch('number_text')(number)) }}
{%- endmacro %}

{% macro default__number_text(number) -%}
    cast({{ number }} as varchar)
{%- endmacro %}

{% macro spark__number_text(number) -%}
    {#- Spark writes 1.0E7 from ten million on, DuckDB 1e+16 from ten thousand billions on. -#}
    case
            when abs({{ number }}) >= 1e7 and abs({{ number }}) < 1e15
                then regexp_replace(
                    regexp_replace(cast(cast({{ number }} as decimal(30, 10)) as string), '0+$', ''),
                    '[.]$', '.0'
                )
            else cast({{ number }} as string)
        end
{%- endmacro %}
