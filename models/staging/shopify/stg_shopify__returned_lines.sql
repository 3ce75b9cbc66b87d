-- Grain: refunded line of each export of a refund. The refund's shipping goes to its first line.
-- What was held back lessens the lines in proportion to their value, to the cent.

with

lines as (
    select
        amounts.*,
        refund_values.net,
        refund_values.tax as line_tax,
        totals.lines_net,
        totals.shipping,
        totals.shipping_tax,
        totals.held,
        totals.held_tax,
        row_number() over (
            partition by amounts.refund_key order by amounts.position, amounts.id
        ) as line_number,
        sum(refund_values.net) over (
            partition by amounts.refund_key order by amounts.position, amounts.id
            rows between unbounded preceding and current row
        ) as net_so_far
    from {{ ref('stg_shopify__refund_amounts') }} as amounts
        inner join {{ ref('stg_shopify__refund_values') }} as refund_values
            on
                amounts.refund_key = refund_values.refund_key
                and amounts.position = refund_values.position
                and refund_values.kind = 'line'
        inner join {{ ref('stg_shopify__refund_totals') }} as totals
            on amounts.refund_key = totals.refund_key
    where amounts.kind = 'line'
),

shared as (
    select
        *,
        {{ share_so_far('held', 'net_so_far') }}
        - {{ share_so_far('held', 'net_so_far - net') }} as held_share,
        {{ share_so_far('held_tax', 'net_so_far') }}
        - {{ share_so_far('held_tax', 'net_so_far - net') }} as held_tax_share
    from lines
)

select
    id as refund_line_id,
    refund_id,
    order_id,
    order_line_id,
    refunded_at,
    quantity,
    coalesce(cast(net - held_share as {{ dbt.type_string() }}), amount) as amount,
    cast(
        line_tax - held_tax_share + case when line_number = 1 then shipping_tax else 0 end
        as {{ dbt.type_string() }}
    ) as tax,
    cast(case when line_number = 1 then shipping else 0 end as {{ dbt.type_string() }})
        as shipping,
    note as reason,
    case
        when restock_type in ('return', 'cancel', 'legacy_restock') then 'true'
        when restock_type = 'no_restock' then 'false'
    end as is_restocked,
    _source_table,
    {{ row_as_json('shared') }} as raw_row,
    _loaded_at,
    _source_file,
    _source_row
from shared
