-- One row per reason, product and rank of another product in stock: the cosine of the orders or
-- sessions that both are in, shrunk towards 0 where these are few. What was bought together is
-- weighted by momentum, so that the out of season comes last; views are recent anyway.
{%- set shrinkage = 20 %}

with

counted as (
    select
        'bought' as pair_kind,
        product_id,
        other_product_id,
        orders_together as together
    from {{ ref('int_product_pairs_counted') }}
    union all
    select
        'viewed' as pair_kind,
        product_id,
        other_product_id,
        sessions_together as together
    from {{ ref('int_product_views_paired') }}
),

own as (
    select
        pair_kind,
        product_id,
        together as total
    from counted
    where product_id = other_product_id
),

directed as (
    select
        pair_kind,
        product_id,
        other_product_id,
        together
    from counted
    where product_id < other_product_id
    union all
    select
        pair_kind,
        other_product_id as product_id,
        product_id as other_product_id,
        together
    from counted
    where product_id < other_product_id
),

scored as (
    select
        directed.pair_kind,
        directed.product_id,
        directed.other_product_id,
        subjects.category = others.category as is_same_category,
        coalesce(others.mean_price > subjects.mean_price, false) as is_dearer,
        directed.together / nullif(sqrt(cast(own.total as double) * own_of_other.total), 0)
        * directed.together / (directed.together + {{ shrinkage }})
        * case when directed.pair_kind = 'bought' then others.momentum else 1 end as score
    from directed
        inner join own
            on directed.pair_kind = own.pair_kind and directed.product_id = own.product_id
        inner join own as own_of_other
            on
                directed.pair_kind = own_of_other.pair_kind
                and directed.other_product_id = own_of_other.product_id
        inner join {{ ref('int_products_recommendable') }} as subjects
            on directed.product_id = subjects.product_id and subjects.cutoff_kind = 'now'
        inner join {{ ref('int_products_recommendable') }} as others
            on directed.other_product_id = others.product_id and others.cutoff_kind = 'now'
    where directed.together > 1 and others.is_in_stock
),

reasoned as (
    select
        product_id,
        case when pair_kind = 'bought' then 'also_bought' else 'also_viewed' end as reason,
        other_product_id,
        score
    from scored
    union all
    select
        product_id,
        case when pair_kind = 'bought' then 'cross_sell' else 'upsell' end as reason,
        other_product_id,
        score
    from scored
    where
        (pair_kind = 'bought' and not is_same_category)
        or (pair_kind = 'viewed' and is_same_category and is_dearer)
),

ranked as (
    select
        *,
        row_number() over (
            partition by product_id, reason order by score desc, other_product_id asc
        ) as recommendation_rank
    from reasoned
)

select * from ranked
where recommendation_rank <= 10
