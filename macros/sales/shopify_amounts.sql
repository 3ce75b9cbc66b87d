{% macro amount_less(column, less, data_type='decimal(18, 4)') -%}
    {#- SQL: an amount as text without a part of it; as it came where there is nothing to take away, or
        where it is no number. -#}
    case
            when {{ less }} = 0 then {{ column }}
            else coalesce(
                cast(
                    try_cast({{ column }} as {{ data_type }}) - ({{ less }})
                    as {{ dbt.type_string() }}
                ),
                {{ column }}
            )
        end
{%- endmacro %}

{% macro shopify_discount(lines_value, less='0') -%}
    {#- SQL: the discounts of an order's lines as text: their value less the subtotal, because
        total_discounts has those of shipping too; and without what an edit took away. -#}
    {%- set discount -%}
        try_cast({{ lines_value }} as decimal(18, 4)) - try_cast(subtotal_price as decimal(18, 4))
        - {{ less }}
    {%- endset -%}
    case
            when {{ discount }} is null then total_discounts
            else cast(greatest({{ discount }}, 0) as {{ dbt.type_string() }})
        end
{%- endmacro %}

{% macro shopify_product_id(title) -%}
    {#- SQL: the product of a line. An item that was made up for one order, and one that was deleted, has
        neither product nor variant: it is known by its sku, or by its title. -#}
    case
            when nullif(trim(product_id), '') is null and nullif(trim(variant_id), '') is null
                then coalesce(nullif(trim(sku), ''), nullif(trim({{ title }}), ''))
            else product_id
        end
{%- endmacro %}

{% macro share_so_far(amount, net_so_far) -%}
    {#- SQL: what the lines of a refund up to one have of an amount, in proportion to their value and
        whole cents: shares that are differences of it add up exactly. -#}
    cast(
            coalesce({{ as_decimal(amount ~ ' * (' ~ net_so_far ~ ') / nullif(lines_net, 0)') }}, 0)
            as decimal(18, 2)
        )
{%- endmacro %}
