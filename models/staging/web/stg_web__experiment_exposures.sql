with

landed as (
    select * from {{ landed('web', 'experiment_exposures') }}
),

typed as (
    select
        nullif(experiment_id, '') as experiment_id,
        nullif(unit_id, '') as unit_id,
        nullif(variant, '') as variant,
        {{ to_utc('exposed_at') }} as exposed_at,
        {{ rejection_reason(['web', 'experiment_exposures']) }} as rejection_reason,
        {{ row_as_json('landed', withheld=['unit_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
