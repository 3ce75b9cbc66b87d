{{ config(materialized='view') }}
-- One row per person and category of the goods that it looked at. An item counts once per session;
-- so does a session, with the first of its items, and sessions add up over a person's categories.
-- Only a customer can have several visitors: the others' views are added up already. A view, read
-- once.

with

viewed as (
    select
        viewed.visitor_id,
        coalesce(variants.category, '(none)') as category,
        viewed.session_start_at,
        viewed.session_start_at
        > {{ dbt.dateadd('day', -30, 'as_of.as_of_at') }} as is_of_30_days,
        viewed.session_start_at
        > {{ dbt.dateadd('day', -90, 'as_of.as_of_at') }} as is_of_90_days,
        row_number() over (
            partition by viewed.session_start_at, viewed.visitor_id order by viewed.item_id
        ) as item_number
    from {{ ref('int_products_viewed') }} as viewed
        inner join {{ ref('int_variants_known') }} as variants
            on viewed.item_id = variants.variant_id
        cross join {{ ref('int_as_of') }} as as_of
    where viewed.session_start_at <= as_of.as_of_at
),

counted as (
    select
        visitor_id,
        category,
        count(*) as product_views,
        count(case when is_of_30_days then 1 end) as product_views_30d,
        count(case when is_of_90_days then 1 end) as product_views_90d,
        count(case when item_number = 1 then 1 end) as sessions,
        max(session_start_at) as last_viewed_at
    from viewed
    group by visitor_id, category
),

owned as (
    select
        counted.*,
        visitors.customer_id
    from counted
        left join {{ ref('int_visitors_identified') }} as visitors
            on counted.visitor_id = visitors.visitor_id
)

select
    'visitor:' || visitor_id as person_id,
    cast(null as {{ dbt.type_string() }}) as customer_id,
    visitor_id,
    category,
    product_views,
    product_views_30d,
    product_views_90d,
    sessions,
    last_viewed_at
from owned
where customer_id is null
union all
select
    'customer:' || customer_id as person_id,
    customer_id,
    cast(null as {{ dbt.type_string() }}) as visitor_id,
    category,
    cast(sum(product_views) as bigint) as product_views,
    cast(sum(product_views_30d) as bigint) as product_views_30d,
    cast(sum(product_views_90d) as bigint) as product_views_90d,
    cast(sum(sessions) as bigint) as sessions,
    max(last_viewed_at) as last_viewed_at
from owned
where customer_id is not null
group by customer_id, category
