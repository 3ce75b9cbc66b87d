-- Refunded lines; per refund one row for what no line has: what was given beyond its lines, and the
-- shipping of a refund without lines; and what the admin's CSV says of an order as a whole.

with

refunds as (
    select
        refund_key,
        max(refund_id) as refund_id,
        max(order_id) as order_id,
        max(refunded_at) as refunded_at,
        max(note) as note,
        max(_source_table) as _source_table,
        max(_loaded_at) as _loaded_at,
        max(_source_file) as _source_file,
        max(_source_row) as _source_row
    from {{ ref('stg_shopify__refund_amounts') }}
    group by refund_key
),

beyond_lines as (
    select
        concat(coalesce(refunds.refund_id, ''), '-adjustment') as refund_line_id,
        refunds.refund_id,
        refunds.order_id,
        cast(null as {{ dbt.type_string() }}) as order_line_id,
        refunds.refunded_at,
        cast(null as {{ dbt.type_string() }}) as quantity,
        cast(totals.given as {{ dbt.type_string() }}) as amount,
        cast(
            totals.given_tax
            + case when totals.line_count = 0 then totals.shipping_tax - totals.held_tax else 0 end
            as {{ dbt.type_string() }}
        ) as tax,
        cast(
            case when totals.line_count = 0 then totals.shipping - totals.held else 0 end
            as {{ dbt.type_string() }}
        ) as shipping,
        refunds.note as reason,
        cast(null as {{ dbt.type_string() }}) as is_restocked,
        refunds._source_table,
        {{ row_as_json('totals') }} as raw_row,
        refunds._loaded_at,
        refunds._source_file,
        refunds._source_row
    from {{ ref('stg_shopify__refund_totals') }} as totals
        inner join refunds
            on totals.refund_key = refunds.refund_key
    where totals.line_count = 0 or totals.given <> 0 or totals.given_tax <> 0
)

select * from {{ ref('stg_shopify__returned_lines') }}
union all
select * from beyond_lines
union all
select * from {{ ref('stg_shopify__exported_refunds') }}
