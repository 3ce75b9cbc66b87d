with

landed as (
    select * from {{ landed('shop', 'inventory_snapshots') }}
),

typed as (
    select
        nullif(variant_id, '') as variant_id,
        nullif(location_id, '') as location_id,
        try_cast(snapshot_date as date) as snapshot_date,
        try_cast(on_hand as bigint) as on_hand,
        try_cast(committed as bigint) as committed,
        try_cast(incoming as bigint) as incoming,
        try_cast(received as bigint) as received,
        try_cast(adjusted as bigint) as adjusted,
        {{ rejection_reason(['shop', 'inventory_snapshots']) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
