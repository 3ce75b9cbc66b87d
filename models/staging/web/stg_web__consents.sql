with

landed as (
    select * from {{ landed('web', 'consents') }}
),

typed as (
    select
        -- Whether somebody was against is asked by hash, so that no id need pass on.
        {{ keyed_hash("nullif(subject_id, '')") }} as subject_hash,
        {{ to_utc('recorded_at') }} as recorded_at,
        {{ true_or_false('consent_analytics') }} as consent_analytics,
        {{ true_or_false('consent_ads') }} as consent_ads,
        {{ rejection_reason(['web', 'consents']) }} as rejection_reason,
        {{ row_as_json('landed', withheld=['subject_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
