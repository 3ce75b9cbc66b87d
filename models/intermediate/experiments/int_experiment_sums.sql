-- All that statistics need, so that no unit need leave the database. Decimals, because their sums
-- do not depend on the order of rows.

with

metrics as (
    select * from {{ ref('experiment_metrics') }}
),

units as (
    select
        experiment_id,
        variant,
        count(*) as units
    from {{ ref('int_experiment_units') }}
    where not is_mixed and not is_bot
    group by experiment_id, variant
),

mixed as (
    select
        experiment_id,
        count(*) as mixed_units
    from {{ ref('int_experiment_units') }}
    where is_mixed and not is_bot
    group by experiment_id
),

unit_values as (
    select
        outcomes.experiment_id,
        outcomes.variant,
        metrics.metric,
        case
            when metrics.metric_kind = 'mean' then outcomes.amount_after
            when outcomes.amount_after > 0 then 1
            else 0
        end as unit_value,
        case
            when metrics.metric_kind = 'mean' then outcomes.amount_before
            when outcomes.amount_before > 0 then 1
            else 0
        end as covariate
    from {{ ref('int_experiment_outcomes') }} as outcomes
        inner join metrics
            on outcomes.measure = metrics.measure
),

sums as (
    select
        experiment_id,
        variant,
        metric,
        sum(unit_value) as value_sum,
        sum(cast(unit_value * unit_value as decimal(38, 4))) as value_squares,
        sum(covariate) as covariate_sum,
        sum(cast(covariate * covariate as decimal(38, 4))) as covariate_squares,
        sum(cast(unit_value * covariate as decimal(38, 4))) as products
    from unit_values
    group by experiment_id, variant, metric
)

select
    variants.experiment_id,
    metrics.metric,
    variants.variant,
    metrics.metric_kind,
    variants.is_control,
    variants.planned_share,
    coalesce(units.units, 0) as units,
    coalesce(mixed.mixed_units, 0) as mixed_units,
    cast(coalesce(sums.value_sum, 0) as decimal(38, 2)) as value_sum,
    cast(coalesce(sums.value_squares, 0) as decimal(38, 4)) as value_squares,
    cast(coalesce(sums.covariate_sum, 0) as decimal(38, 2)) as covariate_sum,
    cast(coalesce(sums.covariate_squares, 0) as decimal(38, 4)) as covariate_squares,
    cast(coalesce(sums.products, 0) as decimal(38, 4)) as products
from {{ ref('int_experiment_variants') }} as variants
    cross join metrics
    left join units
        on
            variants.experiment_id = units.experiment_id
            and variants.variant = units.variant
    left join mixed
        on variants.experiment_id = mixed.experiment_id
    left join sums
        on
            variants.experiment_id = sums.experiment_id
            and variants.variant = sums.variant
            and metrics.metric = sums.metric
