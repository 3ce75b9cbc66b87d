with

landed as (
    select * from {{ landed('shop', 'messages') }}
),

typed as (
    select
        nullif(message_id, '') as message_id,
        nullif(kind, '') as kind,
        nullif(person_key, '') as person_key,
        nullif(cart_id, '') as cart_id,
        nullif(campaign, '') as campaign,
        {{ to_utc('sent_at') }} as sent_at,
        {{ to_utc('opened_at') }} as opened_at,
        {{ to_utc('clicked_at') }} as clicked_at,
        {{ rejection_reason(['shop', 'messages']) }} as rejection_reason,
        {{ row_as_json('landed', withheld=['person_key', 'cart_id']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
