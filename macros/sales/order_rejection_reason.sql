{% macro order_rejection_reason() -%}
    {#- Why a row of orders cannot be used: one rule for rows in the contract's shape and for the
        exports of other systems. -#}
    {{ rejection_reason(['shop', 'orders'], rules=[
            (to_utc('ordered_at') ~ " > _loaded_at + interval '1' day", 'ordered_at lies after its load'),
        ]) }}
{%- endmacro %}

{% macro order_line_rejection_reason() -%}
    {#- Why a row of order lines cannot be used: one rule for rows in the contract's shape and for
        the exports of other systems. -#}
    {{ rejection_reason(['shop', 'order_lines'], rules=[
            (whole_number('quantity') ~ ' <= 0', 'quantity is not above 0'),
            ("try_cast(unit_price as decimal(18, 4)) < 0", 'unit_price is negative'),
        ]) }}
{%- endmacro %}
