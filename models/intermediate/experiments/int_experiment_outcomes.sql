-- Units of which nothing was measured have no row: they add nothing to any sum.
{%- set covariate_days = var('experiment_covariate_days') %}

with

units as (
    select * from {{ ref('int_experiment_units') }}
    where not is_mixed and not is_bot
),

-- A unit is a visitor, or a customer with all visitors that are known to be theirs.
unit_visitors as (
    select
        experiment_id,
        unit_id,
        unit_id as visitor_id
    from units
    union
    select
        units.experiment_id,
        units.unit_id,
        visitors.visitor_id
    from units
        inner join {{ ref('int_visitors_identified') }} as visitors
            on units.unit_id = visitors.customer_id
),

happenings as (
    select
        visitor_id,
        event_at as happened_at,
        event_name as measure,
        cast(1 as decimal(18, 2)) as amount
    from {{ ref('int_events_sessionized') }}
    where
        event_name in (select metrics.measure from {{ ref('experiment_metrics') }} as metrics)
        and event_name <> 'purchase'
    union all
    select
        visitor_id,
        purchased_at as happened_at,
        'purchase' as measure,
        cast(1 as decimal(18, 2)) as amount
    from {{ ref('int_purchases_valued') }}
    union all
    select
        visitor_id,
        purchased_at as happened_at,
        'net_revenue' as measure,
        cast(coalesce(net_revenue, 0) as decimal(18, 2)) as amount
    from {{ ref('int_purchases_valued') }}
),

-- What happened at the very moment of the exposure is neither before nor after it.
placed as (
    select
        units.experiment_id,
        units.unit_id,
        units.variant,
        happenings.measure,
        happenings.amount,
        happenings.happened_at > units.exposed_at
        and happenings.happened_at <= units.as_of_at
        and (units.ended_at is null or happenings.happened_at < units.ended_at) as is_after,
        happenings.happened_at < units.exposed_at
        and happenings.happened_at
        >= units.exposed_at - interval '{{ covariate_days }}' day as is_before
    from units
        inner join unit_visitors
            on
                units.experiment_id = unit_visitors.experiment_id
                and units.unit_id = unit_visitors.unit_id
        inner join happenings
            on unit_visitors.visitor_id = happenings.visitor_id
)

select
    experiment_id,
    unit_id,
    variant,
    measure,
    cast(sum(case when is_after then amount else 0 end) as decimal(18, 2)) as amount_after,
    cast(sum(case when is_before then amount else 0 end) as decimal(18, 2)) as amount_before
from placed
where is_after or is_before
group by experiment_id, unit_id, variant, measure
