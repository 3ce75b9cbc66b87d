with

landed as (
    select * from {{ landed('shop', 'erasure_requests') }}
),

typed as (
    select
        nullif(request_id, '') as request_id,
        nullif(subject_id, '') as subject_id,
        {{ to_utc('requested_at') }} as requested_at,
        {{ rejection_reason(['shop', 'erasure_requests']) }} as rejection_reason,
        {{ row_as_json('landed', withheld=['subject_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
