-- One row per row that no other mart could take, with the reason. An order line whose order has not
-- landed waits here, and leaves when the order comes.
{%- set raw_tables = [
    ('web', 'experiments', ['experiment_id', 'variant']),
    ('web', 'experiment_exposures', ['experiment_id', keyed_hash('unit_id')]),
    ('web', 'consents', ['subject_hash', 'recorded_at']),
    ('shop', 'orders', ['order_id']),
    ('shop', 'order_lines', ['order_line_id']),
    ('shop', 'refunds', ['refund_line_id']),
    ('shop', 'customers', ['customer_id']),
    ('shop', 'products', ['variant_id']),
    ('shop', 'product_prices', ['variant_id', 'valid_from']),
    ('shop', 'inventory_snapshots', ['variant_id', 'location_id', 'snapshot_date']),
    ('shop', 'ad_spend', ['platform', 'campaign_id', 'ad_group_id', 'ad_id', 'spend_date', 'country']),
    ('shop', 'reviews', ['review_id']),
    ('shop', 'messages', ['message_id']),
    ('shop', 'erasure_requests', ['request_id']),
    ('shop', 'fx_rates', ['rate_date', 'currency']),
] %}

with

rejected as (
    select * from {{ ref('int_events_rejected') }}
    {%- for source_name, table_name, keys in raw_tables %}
    union all
    select
        {{ source_table_of(source_name, table_name) }} as source_table,
        _source_file as source_file,
        _source_row as source_row,
        _loaded_at as loaded_at,
        concat_ws('|', {{ keys | join(', ') }}) as row_key,
        rejection_reason as reason,
        raw_row as raw
    from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
    where rejection_reason is not null
    {%- endfor %}
),

lines as (
    {{ latest_rows('stg_shop__order_lines', ['order_line_id']) }}
),

orphans as (
    select
        lines._source_table as source_table,
        lines._source_file as source_file,
        lines._source_row as source_row,
        lines._loaded_at as loaded_at,
        lines.order_line_id as row_key,
        'order_id has no order' as reason,
        lines.raw_row as raw
    from lines
        left join {{ ref('int_orders_latest') }} as orders
            on lines.order_id = orders.order_id
    where orders.order_id is null
),

-- The JSON of rows that are rejected, and not of all rows, is brought into its shape.
all_rows as (
    select * from rejected
    union all
    select * from orphans
)

select
    source_table,
    source_file,
    source_row,
    loaded_at,
    row_key,
    reason,
    {{ tidy_json('raw') }} as raw
from all_rows
