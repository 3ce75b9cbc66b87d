{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['order_line_id'],
    meta={'redone_by': ['order_id']}
) }}
-- One row per order line with its share of the discount that the order as a whole got: in
-- proportion to the line's value after its own discount, exact to the penny by largest remainder.

with

weights as (
    select
        lines.order_line_id,
        lines.order_id,
        sum(lines.line_discount) over (partition by lines.order_id) as line_discounts,
        case
            when
                sum(greatest(lines.line_value - lines.line_discount, 0)) over (
                    partition by lines.order_id
                ) > 0
                then greatest(lines.line_value - lines.line_discount, 0)
            else lines.quantity
        end as weight
    from {{ redone(ref('int_order_lines_priced')) }} as lines
),

pennies as (
    select
        weights.order_line_id,
        weights.order_id,
        weights.weight,
        cast(
            round(greatest(coalesce(orders.discount_total, 0) - weights.line_discounts, 0) * 100, 0)
            as bigint
        ) as order_pennies
    from weights
        inner join {{ redone(ref('int_orders_latest')) }} as orders
            on weights.order_id = orders.order_id
),

-- Whole numbers from here on: weights in pennies, so that no share is lost to rounding.
integer_weights as (
    select
        order_line_id,
        order_id,
        order_pennies,
        cast(round(weight * 100, 0) as bigint) as weight
    from pennies
),

exact_shares as (
    select
        *,
        order_pennies * weight as share,
        cast(sum(weight) over (partition by order_id) as bigint) as total_weight
    from integer_weights
),

whole_shares as (
    select
        order_line_id,
        order_id,
        order_pennies,
        cast(
            (share - share % nullif(total_weight, 0)) / nullif(total_weight, 0) as bigint
        ) as whole_pennies,
        share % nullif(total_weight, 0) as remainder
    from exact_shares
),

ranked as (
    select
        *,
        order_pennies - sum(whole_pennies) over (partition by order_id) as pennies_left,
        row_number() over (
            partition by order_id order by remainder desc, order_line_id asc
        ) as remainder_rank
    from whole_shares
)

select
    order_line_id,
    order_id,
    cast(
        (whole_pennies + case when remainder_rank <= pennies_left then 1 else 0 end) * 0.01
        as decimal(18, 2)
    ) as order_discount
from ranked
