-- Grain: row of the admin's CSV, with its order and the row of the same file that holds the order's
-- values. Taxes are the order's: lines share them in proportion to their value.

with

raw as (
    select
        *,
        "financial status" as financial_status,
        "lineitem price" as unit_price,
        "lineitem quantity" as quantity,
        "lineitem discount" as line_discount,
        "refunded amount" as refunded_amount,
        -- 2025-05-01 10:00:00 -0400, without the blank before the zone.
        {{ without_blank_before_zone('"created at"') }} as ordered_at,
        {{ without_blank_before_zone('"cancelled at"') }} as cancelled_at,
        coalesce({{ true_or_false('"lineitem taxable"') }}, true) as is_taxable
    from {{ landed('shopify', 'orders_export') }}
),

numbered as (
    select
        *,
        min(_source_row) over (partition by _source_file, name) as order_row,
        row_number() over (partition by _source_file, name order by _source_row) as position,
        max(nullif(trim(id), '')) over (partition by _source_file, name) as known_id,
        max(nullif(trim(total), '')) over (partition by _source_file, name) as order_total,
        max(nullif(trim(subtotal), '')) over (partition by _source_file, name) as order_subtotal,
        max(nullif(trim(shipping), '')) over (partition by _source_file, name) as order_shipping,
        max(nullif(trim(taxes), '')) over (partition by _source_file, name) as order_taxes
    from raw
),

valued as (
    select
        *,
        coalesce(known_id, nullif(trim(name), '')) as order_id,
        coalesce(try_cast(order_taxes as decimal(18, 4)), 0) as tax_total,
        coalesce({{ whole_number('quantity') }} * try_cast(unit_price as decimal(18, 4)), 0)
            as line_value,
        coalesce(try_cast(line_discount as decimal(18, 4)), 0) as own_discount
    from numbered
),

weighed as (
    select
        *,
        case when is_taxable then greatest(line_value - own_discount, 0) else 0 end
            as lines_net_part
    from valued
),

summed as (
    select
        *,
        -- Prices contain the tax where the total is subtotal and shipping without it.
        tax_total > 0
        and try_cast(order_total as decimal(18, 4))
        = try_cast(order_subtotal as decimal(18, 4))
        + coalesce(try_cast(order_shipping as decimal(18, 4)), 0) as has_tax_in_prices,
        sum(line_value) over (partition by _source_file, name) as lines_value,
        sum(lines_net_part) over (partition by _source_file, name) as lines_net,
        sum(lines_net_part) over (
            partition by _source_file, name order by _source_row
            rows between unbounded preceding and current row
        ) as net_so_far
    from weighed
)

select
    *,
    {{ share_so_far('tax_total', 'net_so_far') }}
    - {{ share_so_far('tax_total', 'net_so_far - lines_net_part') }} as line_tax
from summed
