with

sums as (
    select * from {{ ref('int_experiment_sums') }}
),

compared as (
    select * from {{ ref('int_experiments_compared') }}
)

select
    sums.experiment_id,
    sums.metric,
    sums.variant,
    variants.experiment_name,
    sums.metric_kind,
    coalesce(sums.metric = variants.primary_metric, false) as is_primary_metric,
    sums.is_control,
    variants.started_at,
    variants.ended_at,
    variants.as_of_at,
    sums.units,
    sums.mixed_units,
    sums.value_sum,
    compared.value,
    compared.difference,
    compared.difference_ci_low,
    compared.difference_ci_high,
    compared.lift,
    compared.ci_low,
    compared.ci_high,
    compared.p_value,
    compared.adjusted_p_value,
    coalesce(
        compared.adjusted_p_value < 0.05 and not coalesce(compared.srm_p_value < 0.001, false),
        false
    ) as is_significant,
    compared.minimal_detectable_effect,
    compared.always_valid_p_value,
    compared.cuped_lift,
    compared.cuped_ci_low,
    compared.cuped_ci_high,
    compared.cuped_p_value,
    compared.variance_reduction,
    sums.planned_share,
    variants.is_planned_share_assumed,
    compared.srm_p_value,
    coalesce(compared.srm_p_value < 0.001, false) as has_srm
from sums
    inner join {{ ref('int_experiment_variants') }} as variants
        on
            sums.experiment_id = variants.experiment_id
            and sums.variant = variants.variant
    inner join compared
        on
            sums.experiment_id = compared.experiment_id
            and sums.metric = compared.metric
            and sums.variant = compared.variant
