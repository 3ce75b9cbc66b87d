{% macro does_not_convert(column, data_type, moment=none) -%}
    {#- True where a raw text value is present and does not convert to its contract type. Integers
        must be whole, because engines round 2.5 silently; years outside 1970 to 2199, which lie
        114.5 around their middle, are typing errors. moment: what a timestamp was converted to, where
        that stands in a column already. -#}
    {%- set present = column ~ " <> ''" -%}
    {%- if data_type == 'timestamp' -%}
        {{ present }} and coalesce(abs(year({{ moment or to_utc(column) }}) - 2084.5) > 114.5, true)
    {%- elif data_type == 'date' -%}
        {#- Compared and not by its year, which DuckDB takes for an expression that may fail: it
            would then make raw_row of every row before it looks for the rejected ones. -#}
        {{ present }} and coalesce(
                {{ as_day(column) }}
                not between cast('1970-01-01' as date) and cast('2199-12-31' as date), true
            )
    {%- elif data_type == 'integer' -%}
        {{ present }} and coalesce(
                try_cast({{ column }} as double) <> {{ whole_number(column) }}, true
            )
    {%- elif data_type == 'decimal' -%}
        {{ present }} and try_cast({{ column }} as decimal(18, 4)) is null
    {%- elif data_type == 'boolean' -%}
        {{ present }} and {{ true_or_false(column) }} is null
    {%- else -%}
        {{ present }} and not {{ is_json(column) }}
    {%- endif -%}
{%- endmacro %}
