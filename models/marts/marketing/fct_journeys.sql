{{ config(materialized='view') }}
-- A view: a journey is stored already, and few have a conversion to join. Costs are those of the
-- goods that were kept; one line of goods without a cost leaves the order without. Postage and fees
-- have none.

with

costs as (
    select
        order_id,
        case
            when count(*) = count(unit_cost)
                then sum(unit_cost * (quantity - returned_units) * fx_rate)
        end as cost
    from {{ ref('fct_order_lines') }}
    where is_sale and is_product
    group by order_id
)

select
    coalesce('conversion:' || conversions.conversion_id, journeys.person_id) as journey_id,
    conversions.conversion_id,
    conversions.order_id,
    journeys.person_id,
    conversions.conversion_id is not null as is_converted,
    conversions.converted_at,
    conversions.conversion_date,
    journeys.path,
    journeys.touch_count,
    journeys.first_touch_at,
    journeys.last_touch_at,
    case
        when conversions.conversion_id is not null then journeys.seconds_to_end / 86400
    end as days_to_convert,
    journeys.first_channel,
    journeys.last_channel,
    conversions.revenue,
    cast(orders.net_sales_reporting - costs.cost as decimal(18, 2)) as margin,
    coalesce(orders.is_first_order, false) as is_first_order
from {{ ref('int_journeys_summarized') }} as journeys
    left join {{ ref('int_conversions_valued') }} as conversions
        on journeys.conversion_number = conversions.conversion_number
    left join {{ ref('fct_orders') }} as orders
        on conversions.order_id = orders.order_id
    left join costs
        on conversions.order_id = costs.order_id
