{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=[
        'report_date', 'country', 'region', 'language', 'age_bracket', 'gender'
    ],
    on_schema_change='fail',
    meta={'redone_by': ['session_date'], 'stored_as': {'session_date': 'report_date'}}
) }}
-- Groups of fewer visitors than minimum_audience_size are merged into one per day, so that nobody
-- can be singled out. Visits without consent make no group large: all may be of one person. Of the
-- sessions what they say themselves: whose they are changes on days that are long over.

with

sessions as (
    select
        summarized.session_date,
        summarized.visitor_id,
        coalesce(summarized.country, '(not set)') as country,
        coalesce(summarized.region, '(not set)') as region,
        coalesce(summarized.language, '(not set)') as language,
        coalesce(summarized.age_bracket, '(not set)') as age_bracket,
        coalesce(summarized.gender, '(not set)') as gender,
        summarized.has_purchase,
        coalesce(orders.net_revenue, 0) as net_revenue
    from {{ redone(ref('int_sessions_summarized')) }} as summarized
        left join {{ redone(ref('int_session_orders_counted')) }} as orders
            on
                summarized.visitor_id = orders.visitor_id
                and summarized.session_start_at = orders.session_start_at
    where not summarized.is_bot
),

group_sizes as (
    select
        session_date,
        country,
        region,
        language,
        age_bracket,
        gender,
        count(distinct case when not {{ is_withheld('visitor_id') }} then visitor_id end)
        >= {{ var('minimum_audience_size') }} as is_large
    from sessions
    group by session_date, country, region, language, age_bracket, gender
),

merged as (
    select
        sessions.session_date,
        sessions.visitor_id,
        sessions.has_purchase,
        sessions.net_revenue,
        case when group_sizes.is_large then sessions.country else '(merged)' end as country,
        case when group_sizes.is_large then sessions.region else '(merged)' end as region,
        case when group_sizes.is_large then sessions.language else '(merged)' end as language,
        case when group_sizes.is_large then sessions.age_bracket else '(merged)' end as age_bracket,
        case when group_sizes.is_large then sessions.gender else '(merged)' end as gender
    from sessions
        inner join group_sizes
            on
                sessions.session_date = group_sizes.session_date
                and sessions.country = group_sizes.country
                and sessions.region = group_sizes.region
                and sessions.language = group_sizes.language
                and sessions.age_bracket = group_sizes.age_bracket
                and sessions.gender = group_sizes.gender
)

select
    session_date as report_date,
    country,
    region,
    language,
    age_bracket,
    gender,
    count(*) as sessions,
    count(distinct visitor_id) as visitors,
    count(case when has_purchase then 1 end) as purchase_sessions,
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue
from merged
group by session_date, country, region, language, age_bracket, gender
