-- One row per variant with its cost and lead time: its own, else the mean of its supplier's
-- variants, else the mean of all. An unknown spread is filled in the same way, else it is 0.

with

variants as (
    select * from {{ ref('int_variants_known') }}
),

suppliers as (
    select
        supplier,
        avg(lead_time_days) as lead_time_days,
        avg(lead_time_sd_days) as lead_time_sd_days
    from variants
    where supplier is not null
    group by supplier
),

shop as (
    select
        avg(lead_time_days) as lead_time_days,
        avg(lead_time_sd_days) as lead_time_sd_days
    from variants
)

select
    variants.variant_id,
    variants.unit_cost,
    round(cast(coalesce(
        variants.lead_time_days, suppliers.lead_time_days, shop.lead_time_days
    ) as double), 8) as lead_time_days,
    round(cast(coalesce(
        variants.lead_time_sd_days, suppliers.lead_time_sd_days, shop.lead_time_sd_days, 0
    ) as double), 8) as lead_time_sd_days,
    case
        when variants.lead_time_days is not null then 'variant'
        when suppliers.lead_time_days is not null then 'supplier'
        when shop.lead_time_days is not null then 'shop'
        else 'unknown'
    end as lead_time_source
from variants
    left join suppliers
        on variants.supplier = suppliers.supplier
    cross join shop
