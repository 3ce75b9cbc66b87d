with

responses as (
    select
        *,
        units - baseline_units - coalesce(pull_forward_units, 0) as net_units,
        -- Of the units with the discount, those above the baseline are owed to it, the rest not.
        discounted_units
        - least(greatest(units - baseline_units, 0), discounted_units) as units_sold_anyway
    from {{ ref('int_discounts_summarized') }}
    where discount_days > 0
)

select
    subject_kind,
    subject_id,
    discount_days,
    compared_days,
    cast(discounted_units as bigint) as discounted_units,
    cast(units as bigint) as units,
    cast(baseline_units as decimal(18, 2)) as baseline_units,
    cast(units as double) / nullif(cast(baseline_units as double), 0) - 1 as lift,
    cast(discount_given as decimal(18, 2)) as discount_given,
    {{ as_decimal(
        'cast(discount_given as double) * cast(units_sold_anyway as double)'
        ~ ' / nullif(discounted_units, 0)'
    ) }} as margin_cost,
    cast(pull_forward_units as decimal(18, 2)) as pull_forward_units,
    cast(net_units as decimal(18, 2)) as net_units,
    {{ as_decimal(
        'cast(net_units as double) * undiscounted_unit_margin - cast(discount_given as double)'
    ) }} as net_margin
from responses
