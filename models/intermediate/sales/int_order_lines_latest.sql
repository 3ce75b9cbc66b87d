{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_line_id'],
    meta={'redone_by': ['order_line_id']}
) }}
-- One row per order line, its newest version, which may name another order than those before it.

with

versions as (
    select
        *,
        row_number() over (
            partition by order_line_id
            order by _loaded_at desc, _source_file desc, _source_row desc
        ) as version_rank
    from {{ redone(ref('int_order_lines_landed')) }}
)

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
    unit_cost
from versions
where version_rank = 1
