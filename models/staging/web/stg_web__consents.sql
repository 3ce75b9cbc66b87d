with

landed as (
    select * from {{ landed('web', 'consents') }}
),

typed as (
    select
        -- Whether somebody was against is asked by hash, so that no id need pass on.
        {{ keyed_hash("nullif(subject_id, '')") }} as subject_hash,
        {{ to_utc('recorded_at') }} as recorded_at,
        try_cast(consent_analytics as boolean) as consent_analytics,
        try_cast(consent_ads as boolean) as consent_ads,
        {{ rejection_reason(['web', 'consents']) }} as rejection_reason,
        {{ row_as_json('landed', withheld=['subject_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
