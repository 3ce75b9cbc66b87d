-- Grain: landed row of a level. What is landed by noon tells of the day before, at its end. Where
-- stock on hand is not told it is what can be sold and what was sold and not yet sent.

with

levels as (
    select * from {{ landed('shopify', 'inventory_levels') }}
),

named as (
    {{ exploded_json(
        'levels', ['_source_file', '_source_row'], 'quantities', ['name', 'quantity']
    ) }}
),

quantities as (
    select
        _source_file,
        _source_row,
        max(case when name = 'available' then quantity end) as available,
        max(case when name = 'on_hand' then quantity end) as on_hand,
        max(case when name = 'committed' then quantity end) as committed,
        max(case when name = 'incoming' then quantity end) as incoming
    from named
    group by _source_file, _source_row
),

snapshots as (
    select
        levels.inventory_item_id,
        levels.location_id,
        levels.snapshot_date,
        coalesce(quantities.available, levels.available) as available,
        quantities.on_hand,
        quantities.committed,
        quantities.incoming,
        'shopify.inventory_levels' as _source_table,
        {{ row_as_json('levels') }} as raw_row,
        levels._loaded_at,
        levels._source_file,
        levels._source_row
    from levels
        left join quantities
            on
                levels._source_file = quantities._source_file
                and levels._source_row = quantities._source_row
    union all
    select * from {{ ref('stg_shopify__loaded_levels') }}
)

select
    variants.variant_id,
    snapshots.location_id,
    coalesce(
        nullif(snapshots.snapshot_date, ''),
        cast(
            {{ store_date("snapshots._loaded_at - interval '12' hour") }}
            as {{ dbt.type_string() }}
        )
    ) as snapshot_date,
    coalesce(
        nullif(snapshots.on_hand, ''),
        cast(
            {{ whole_number('snapshots.available') }}
            + coalesce({{ whole_number('snapshots.committed') }}, 0)
            as {{ dbt.type_string() }}
        ),
        snapshots.available
    ) as on_hand,
    snapshots.committed,
    snapshots.incoming,
    cast(null as {{ dbt.type_string() }}) as received,
    cast(null as {{ dbt.type_string() }}) as adjusted,
    snapshots._source_table,
    snapshots.raw_row,
    snapshots._loaded_at,
    snapshots._source_file,
    snapshots._source_row
from snapshots
    left join {{ ref('stg_shopify__variants_latest') }} as variants
        on snapshots.inventory_item_id = variants.inventory_item_id
