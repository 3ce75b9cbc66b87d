-- One row per variant and location: stock, what it has to cover, and what to order. Demand is the
-- variant's, shared by location; a location that sells nothing has no share, and null for all that
-- follows from it.

with

-- A share p of demand has the variance of a sample: p²σ² + p(1 − p)d̄.
located as (
    select
        stock.*,
        variants.unit_cost,
        variants.lead_time_days,
        variants.lead_time_sd_days,
        variants.lead_time_source,
        case when shared.is_selling then stock.stockout_days end as selling_stockout_days,
        shared.demand_share * coalesce(demand.daily_demand, 0) as daily_demand,
        power(shared.demand_share, 2) * coalesce(demand.demand_variance, 0)
        + shared.demand_share * (1 - shared.demand_share) * coalesce(demand.daily_demand, 0)
            as demand_variance,
        shared.demand_share * coalesce(demand.units, 0) as units_sold,
        shared.demand_share * coalesce(demand.lost_sales, 0) as lost_sales
    from {{ ref('int_stock_summarized') }} as stock
        inner join {{ ref('int_stock_shared') }} as shared
            on stock.variant_id = shared.variant_id and stock.location_id = shared.location_id
        inner join {{ ref('int_lead_times_known') }} as variants
            on stock.variant_id = variants.variant_id
        left join {{ ref('int_demand_summarized') }} as demand
            on stock.variant_id = demand.variant_id
),

-- z·√(L̄σ_d² + d̄²σ_L²)
buffered as (
    select
        *,
        {{ var('service_level_z') }} * sqrt(
            lead_time_days * demand_variance + power(daily_demand * lead_time_sd_days, 2)
        ) as safety_stock
    from located
),

planned as (
    select
        *,
        daily_demand * lead_time_days + safety_stock as reorder_point,
        on_hand - daily_demand * {{ var('overstock_after_days') }} as excess_units
    from buffered
),

ordered as (
    select
        *,
        reorder_point + daily_demand * {{ var('review_period_days') }}
        - (on_hand - committed + incoming) as missing_units
    from planned
)

select
    variant_id,
    location_id,
    stock_date,
    on_hand,
    committed,
    incoming,
    round(daily_demand, 8) as daily_demand,
    round(sqrt(demand_variance), 8) as demand_sd,
    round(greatest(on_hand, 0) / nullif(daily_demand, 0), 8) as days_of_cover,
    lead_time_days,
    lead_time_sd_days,
    lead_time_source,
    round(safety_stock, 8) as safety_stock,
    round(reorder_point, 8) as reorder_point,
    selling_stockout_days as stockout_days,
    round(lost_sales, 8) as lost_sales,
    opening_on_hand,
    received,
    round(units_sold, 8) as units_sold,
    round(units_sold / nullif(greatest(opening_on_hand, 0) + received, 0), 8) as sell_through,
    {{ as_decimal('case when excess_units <= 0 then 0 else excess_units end * unit_cost') }}
        as overstock_value,
    cast(ceil(round(case when missing_units <= 0 then 0 else missing_units end, 8)) as bigint)
        as suggested_order_quantity
from ordered
