-- One row per variant sold in the window of product performance: what the units cost whose cost is
-- known, in the reporting currency.
{%- set last_day = store_date('as_of.as_of_at') %}

select
    lines.variant_id,
    cast(sum(lines.quantity) as bigint) as units,
    cast(
        sum(case when lines.unit_cost is not null then lines.quantity else 0 end) as bigint
    ) as costed_units,
    cast(sum(lines.quantity * lines.unit_cost * orders.fx_rate) as decimal(18, 2)) as cost_of_goods
from {{ ref('int_order_lines_priced') }} as lines
    inner join {{ ref('int_orders_latest') }} as orders
        on lines.order_id = orders.order_id
    cross join {{ ref('int_as_of') }} as as_of
where
    lines.is_product
    and lines.is_sale
    and orders.order_date <= {{ last_day }}
    and {{ dbt.datediff('orders.order_date', last_day, 'day') }}
    < {{ var('product_performance_days') }}
group by lines.variant_id
