with

located as (
    select
        variant_id,
        sum(units_sold) as units_sold,
        sum(lost_sales) as lost_sales
    from {{ ref('rpt_inventory_health') }}
    where units_sold is not null
    group by variant_id
)

select
    located.variant_id,
    located.units_sold,
    demand.units,
    located.lost_sales,
    demand.lost_sales as variant_lost_sales
from located
    inner join {{ ref('int_demand_summarized') }} as demand
        on located.variant_id = demand.variant_id
where
    abs(located.units_sold - demand.units) > 1e-6
    or abs(located.lost_sales - demand.lost_sales) > 1e-6
