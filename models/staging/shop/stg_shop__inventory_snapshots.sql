with

raw as (
    select * from {{ landed('shop', 'inventory_snapshots') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        variant_id,
        location_id,
        snapshot_date,
        on_hand,
        committed,
        incoming,
        received,
        adjusted,
        'shop.inventory_snapshots' as _source_table,
        {{ row_as_json('raw') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('inventory_snapshots') }}
),

typed as (
    select
        nullif(variant_id, '') as variant_id,
        nullif(location_id, '') as location_id,
        {{ as_day('snapshot_date') }} as snapshot_date,
        {{ whole_number('on_hand') }} as on_hand,
        {{ whole_number('committed') }} as committed,
        {{ whole_number('incoming') }} as incoming,
        {{ whole_number('received') }} as received,
        {{ whole_number('adjusted') }} as adjusted,
        {{ rejection_reason(['shop', 'inventory_snapshots']) }} as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
