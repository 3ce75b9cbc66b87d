-- Lines of the version of their order that counts, and of none; then those that cannot be used.

with

lines as (
    select * from {{ ref('stg_shopify__api_order_lines') }}
    union all
    select * from {{ ref('stg_shopify__loaded_order_lines') }}
    union all
    select * from {{ ref('stg_shopify__exported_order_lines') }}
),

judged as (
    select
        *,
        {{ order_line_rejection_reason() }} as rejection_reason
    from lines
)

select
    judged.order_line_id,
    judged.order_id,
    judged.product_id,
    judged.variant_id,
    judged.sku,
    judged.title,
    judged.quantity,
    judged.unit_price,
    judged.discount_allocated,
    judged.tax,
    judged.is_gift_card,
    judged.unit_cost,
    judged._source_table,
    judged.raw_row,
    judged._loaded_at,
    judged._source_file,
    judged._source_row
from judged
    left join {{ ref('stg_shopify__order_versions') }} as versions
        on judged.order_id = versions.order_id
where
    judged.rejection_reason is not null
    or versions.order_id is null
    or case
        when judged.order_row is null then versions._source_table = 'shopify.order'
        else
            versions._source_table = judged._source_table
            and versions._source_file = judged._source_file
            and versions._source_row = judged.order_row
    end
