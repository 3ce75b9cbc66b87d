with

landed as (
    select * from {{ landed('web', 'consents') }}
),

typed as (
    select
        nullif(subject_id, '') as subject_id,
        {{ to_utc('recorded_at') }} as recorded_at,
        try_cast(consent_analytics as boolean) as consent_analytics,
        try_cast(consent_ads as boolean) as consent_ads,
        {{ rejection_reason(['web', 'consents']) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
