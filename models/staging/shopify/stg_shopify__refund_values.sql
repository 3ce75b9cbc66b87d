-- Grain: as stg_shopify__refund_amounts. Amounts as numbers, given back above zero, without the tax
-- that prices of the order contain.

with

valued as (
    select
        amounts.refund_key,
        amounts.id,
        amounts.position,
        amounts.kind as raw_kind,
        coalesce(versions.has_tax_in_prices, false) as has_tax_in_prices,
        try_cast(amounts.amount as decimal(18, 4)) as amount,
        coalesce(try_cast(amounts.tax as decimal(18, 4)), 0) as tax
    from {{ ref('stg_shopify__refund_amounts') }} as amounts
        left join {{ ref('stg_shopify__order_versions') }} as versions
            on amounts.order_id = versions.order_id
)

select
    refund_key,
    id,
    position,
    case
        when raw_kind in ('shipping_refund', 'refund_shipping_line') then 'shipping'
        when raw_kind = 'line' then 'line'
        else 'discrepancy'
    end as kind,
    case
        when raw_kind in ('line', 'refund_shipping_line')
            then amount - case when has_tax_in_prices then tax else 0 end
        else -amount
    end as net,
    case when raw_kind in ('line', 'refund_shipping_line') then tax else -tax end as tax
from valued
