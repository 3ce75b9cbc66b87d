-- One row per pair of products that sessions of the last 90 days looked at, the smaller id first; a
-- product with itself counts its sessions. Days bound the cost, and what was viewed long ago is of
-- little use. A session of very many products is no comparison of any two of them: it is left out.
{%- set days = 90 %}
{%- set most_products_of_a_session = 50 %}

with

sessions as (
    select distinct
        viewed.session_date,
        viewed.visitor_id,
        viewed.session_start_at,
        variants.product_id
    from {{ ref('int_products_viewed') }} as viewed
        inner join {{ ref('int_variants_known') }} as variants
            on viewed.item_id = variants.variant_id
        cross join {{ ref('int_as_of') }} as as_of
    where
        viewed.session_start_at > {{ dbt.dateadd('day', -days, 'as_of.as_of_at') }}
        and viewed.session_start_at <= as_of.as_of_at
),

sized as (
    select
        *,
        count(*) over (partition by session_start_at, visitor_id) as product_count
    from sessions
),

viewed as (
    select * from sized
    where product_count <= {{ most_products_of_a_session }}
)

select
    viewed.product_id,
    others.product_id as other_product_id,
    count(*) as sessions_together
from viewed
    inner join viewed as others
        on
            viewed.visitor_id = others.visitor_id
            and viewed.session_start_at = others.session_start_at
            and viewed.product_id <= others.product_id
group by viewed.product_id, others.product_id
