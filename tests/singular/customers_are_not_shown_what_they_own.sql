-- Asked of order lines in another way than the model does: units that were kept.

with

owned as (
    select
        lines.customer_id,
        products.product_id
    from {{ ref('fct_order_lines') }} as lines
        inner join {{ ref('dim_products') }} as products
            on lines.variant_id = products.variant_id
        inner join {{ ref('int_as_of') }} as as_of
            on lines.ordered_at <= as_of.as_of_at
    where lines.is_sale and lines.is_product
    group by lines.customer_id, products.product_id
    having sum(lines.quantity) > sum(lines.returned_units)
)

select
    recommendations.subject_id,
    recommendations.recommended_product_id
from {{ ref('fct_recommendations') }} as recommendations
    inner join owned
        on
            recommendations.subject_id = owned.customer_id
            and recommendations.recommended_product_id = owned.product_id
    inner join {{ ref('int_products_recommendable') }} as recommendable
        on
            owned.product_id = recommendable.product_id
            and recommendable.cutoff_kind = 'now'
where recommendations.subject_kind = 'customer' and not recommendable.is_bought_repeatedly
