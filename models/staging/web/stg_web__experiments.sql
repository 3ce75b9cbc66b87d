with

landed as (
    select * from {{ landed('web', 'experiments') }}
),

typed as (
    select
        nullif(experiment_id, '') as experiment_id,
        nullif(variant, '') as variant,
        nullif(name, '') as name,
        {{ to_utc('started_at') }} as started_at,
        {{ to_utc('ended_at') }} as ended_at,
        {{ true_or_false('is_control') }} as is_control,
        try_cast(planned_share as decimal(18, 4)) as planned_share,
        nullif(primary_metric, '') as primary_metric,
        {{ rejection_reason(['web', 'experiments']) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
