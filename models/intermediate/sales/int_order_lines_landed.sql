{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['_source_table', '_source_file', '_source_row', 'order_line_id'],
    meta={'redone_by': ['_source_file'], 'read_from': 'shop.order_lines'}
) }}
-- Incremental because checking the lines of all files costs more than all that is done with them.

select
    order_line_id,
    order_id,
    product_id,
    variant_id,
    sku,
    title,
    quantity,
    unit_price,
    discount_allocated,
    tax,
    is_gift_card,
    unit_cost,
    _source_table,
    _loaded_at,
    _source_file,
    _source_row
from {{ redone(ref('stg_shop__order_lines')) }}
where rejection_reason is null
