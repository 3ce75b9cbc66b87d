-- The same sessions in Spark SQL: the same good rows, copies, gaps and sums as sessions.sql. What
-- DuckDB needs tricks for, Spark plans itself: it sorts whole rows, and by visitor only once. Left
-- out, in Spark's favour: refusals of consent are not masked, and robots are not found.
create or replace temporary view good_events as
select
    event_id,
    cast(event_at as timestamp) as event_at,
    event_name,
    case when consent_analytics = 'false'
        then concat(visitor_id, '|', coalesce(nullif(session_key, ''), left(event_at, 10)))
        else visitor_id
    end as visitor_id,
    nullif(user_id, '') as user_id,
    nullif(regexp_extract(page_url, '^(?:[^/?#]*://[^/?#]*)?([^?#]*)', 1), '') as page_path,
    lower(regexp_extract(page_url, '^[^?]*?://(?:www\\.)?([^/?]*)', 1)) as page_host,
    lower(regexp_extract(page_referrer, '^[^?]*?://(?:www\\.)?([^/?]*)', 1)) as referrer_host,
    utm_source,
    utm_medium,
    utm_campaign,
    gclid,
    fbclid,
    msclkid,
    device_category,
    operating_system,
    browser,
    user_agent,
    country,
    region,
    city,
    language,
    age_bracket,
    gender,
    try_cast(engagement_ms as bigint) as engagement_ms,
    currency,
    try_cast(value as decimal(18, 4)) as value,
    transaction_id,
    coupon,
    cart_id,
    search_term,
    items,
    try_cast(consent_analytics as boolean) as consent_analytics,
    _loaded_at,
    _source_file,
    _source_row
from landed
where
    event_id <> '' and event_name <> '' and visitor_id <> ''
    and year(try_cast(event_at as timestamp)) between 1970 and 2199
    and try_cast(event_at as timestamp) <= _loaded_at + interval 1 day
    and (coalesce(engagement_ms, '') = '' or try_cast(engagement_ms as bigint) is not null)
    and (coalesce(value, '') = '' or try_cast(value as decimal(18, 4)) is not null)
    and (coalesce(items, '') = '' or json_array_length(items) is not null);

create table events_sessionized using parquet as
with
first_copies as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by event_id order by _loaded_at, _source_file, _source_row
            ) as copy_number
        from good_events
    ) as copies
    where copy_number = 1
),

gaps as (
    select
        *,
        coalesce(
            event_at > lag(event_at) over timeline + interval 30 minutes, true
        ) as is_session_start
    from first_copies
    window timeline as (partition by visitor_id order by event_at, event_id)
)

select
    *,
    max(case when is_session_start then event_at end) over (
        partition by visitor_id order by event_at, event_id
        rows between unbounded preceding and current row
    ) as session_start_at
from gaps;

create table sessions_summarized using parquet as
select
    visitor_id,
    session_start_at,
    cast(session_start_at as date) as session_date,
    max(event_at) as session_end_at,
    min(user_id) as first_user_id,
    max(user_id) as last_user_id,
    count(*) as event_count,
    count_if(event_name = 'page_view') as page_view_count,
    min_by(page_path, struct(event_at, event_id)) filter (where event_name = 'page_view')
        as landing_page,
    max_by(page_path, struct(event_at, event_id)) filter (where event_name = 'page_view')
        as exit_page,
    sum(engagement_ms) as engagement_ms,
    max(case when is_session_start then device_category end) as device_category,
    max(case when is_session_start then user_agent end) as user_agent,
    max(case when is_session_start then country end) as country,
    bool_or(event_name = 'view_item') as has_view_item,
    bool_or(event_name = 'add_to_cart') as has_add_to_cart,
    bool_or(event_name = 'begin_checkout') as has_begin_checkout,
    bool_or(event_name = 'purchase') as has_purchase
from events_sessionized
group by visitor_id, session_start_at;
