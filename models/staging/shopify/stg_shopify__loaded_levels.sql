-- Grain: landed row of a level as Fivetran loads it, with the quantities of its file's load. The
-- columns are those that stg_shopify__inventory_snapshots reads.

with

levels as (
    select * from {{ landed('shopify', 'inventory_level') }}
),

newest as (
    {{ newest_history(
        'shopify', 'inventory_quantity',
        "concat(_loaded_at, '|', coalesce(inventory_item_id, ''), '|', "
        ~ "coalesce(inventory_level_id, ''), '|', coalesce(name, ''))",
        '_fivetran_synced'
    ) }}
),

quantities as (
    select
        _loaded_at,
        inventory_item_id,
        inventory_level_id,
        max(case when name = 'available' then quantity end) as available,
        max(case when name = 'on_hand' then quantity end) as on_hand,
        max(case when name = 'committed' then quantity end) as committed,
        max(case when name = 'incoming' then quantity end) as incoming
    from newest
    group by _loaded_at, inventory_item_id, inventory_level_id
)

select
    levels.inventory_item_id,
    levels.location_id,
    cast(null as {{ dbt.type_string() }}) as snapshot_date,
    coalesce(quantities.available, levels.available) as available,
    quantities.on_hand,
    quantities.committed,
    quantities.incoming,
    'shopify.inventory_level' as _source_table,
    {{ row_as_json('levels') }} as raw_row,
    levels._loaded_at,
    levels._source_file,
    levels._source_row
from levels
    left join quantities
        on
            {{ store_date('levels._loaded_at') }} = {{ store_date('quantities._loaded_at') }}
            and levels.inventory_item_id = quantities.inventory_item_id
            and levels.id = quantities.inventory_level_id
