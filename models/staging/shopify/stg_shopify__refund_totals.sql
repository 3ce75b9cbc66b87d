-- Grain: export of a refund. Amounts are above zero and without tax; what was held back beyond the
-- lines' value was held back from their tax.

with

amounts as (
    select * from {{ ref('stg_shopify__refund_values') }}
),

summed as (
    select
        refund_key,
        count(case when kind = 'line' then 1 end) as line_count,
        sum(case when kind = 'line' then net else 0 end) as lines_net,
        sum(case when kind = 'shipping' then net else 0 end) as shipping,
        sum(case when kind = 'shipping' then tax else 0 end) as shipping_tax,
        sum(case when kind = 'discrepancy' then greatest(net, 0) else 0 end) as given,
        sum(case when kind = 'discrepancy' then greatest(tax, 0) else 0 end) as given_tax,
        sum(case when kind = 'discrepancy' then greatest(-net, 0) else 0 end) as held,
        sum(case when kind = 'discrepancy' then greatest(-tax, 0) else 0 end) as held_tax
    from amounts
    group by refund_key
)

select
    refund_key,
    line_count,
    lines_net,
    shipping,
    shipping_tax,
    given,
    given_tax,
    case when line_count = 0 then held else least(held, greatest(lines_net, 0)) end as held,
    case
        when line_count = 0 then held_tax
        else held_tax + greatest(held - greatest(lines_net, 0), 0)
    end as held_tax
from summed
