-- A variant that only exposures name belongs to the experiment too, and so does one that nobody
-- ever saw: both are what a sample-ratio mismatch looks like.

with

planned as (
    {{ latest_rows('stg_web__experiments', ['experiment_id', 'variant']) }}
),

variants as (
    select
        experiment_id,
        variant
    from planned
    union
    select
        experiment_id,
        variant
    from {{ ref('stg_web__experiment_exposures') }}
    where rejection_reason is null
),

described as (
    select
        variants.experiment_id,
        variants.variant,
        planned.planned_share,
        max(planned.name) over experiment as experiment_name,
        max(planned.primary_metric) over experiment as primary_metric,
        min(planned.started_at) over experiment as started_at,
        max(planned.ended_at) over experiment as ended_at,
        coalesce(
            min(case when planned.is_control then variants.variant end) over experiment,
            min(case when lower(variants.variant) = 'control' then variants.variant end)
                over experiment
        ) as control_variant,
        count(*) over experiment as variant_count,
        count(case when planned.planned_share > 0 then 1 end) over experiment as share_count
    from variants
        left join planned
            on
                variants.experiment_id = planned.experiment_id
                and variants.variant = planned.variant
    window experiment as (partition by variants.experiment_id)
)

select
    described.experiment_id,
    described.variant,
    described.experiment_name,
    described.primary_metric,
    described.started_at,
    described.ended_at,
    as_of.as_of_at,
    coalesce(described.variant = described.control_variant, false) as is_control,
    -- One share that is missing says nothing about the others, so all of them are taken as equal.
    case
        when described.share_count = described.variant_count
            then cast(described.planned_share as double)
        else cast(1 as double) / described.variant_count
    end as planned_share,
    described.share_count < described.variant_count as is_planned_share_assumed
from described
    cross join {{ ref('int_as_of') }} as as_of
