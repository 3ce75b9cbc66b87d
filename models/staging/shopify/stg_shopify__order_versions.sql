-- Grain: order. The version that the contract takes, so that lines and refunds come from it alone:
-- an order that came in two shapes is counted once. A table: each reading parses all orders.

with

judged as (
    select
        order_id,
        {{ to_utc('updated_at') }} as updated_at,
        nullif(trim(cancelled_at), '') is not null as is_cancelled,
        coalesce({{ true_or_false('taxes_included') }}, false) as has_tax_in_prices,
        {{ order_rejection_reason() }} as rejection_reason,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from {{ ref('stg_shopify__orders') }}
    where trim(order_id) <> ''
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id
            order by
                case when rejection_reason is null then 0 else 1 end,
                updated_at desc nulls last,
                _loaded_at desc,
                _source_file desc,
                _source_row desc
        ) as version_rank
    from judged
)

select * from ranked
where version_rank = 1
