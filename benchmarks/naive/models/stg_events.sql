with

landed as (
    select
        *,
        row_number() over (
            partition by event_id order by _loaded_at, _source_file, _source_row
        ) as copy_number
    from read_parquet('{{ env_var("NAIVE_EVENTS") }}', union_by_name = true)
)

select
    event_id,
    try_cast(event_at as timestamp) as event_at,
    event_name,
    visitor_id,
    user_id,
    page_url,
    page_referrer,
    utm_source,
    utm_medium,
    utm_campaign,
    device_category,
    operating_system,
    browser,
    user_agent,
    country,
    region,
    language,
    try_cast(engagement_ms as bigint) as engagement_ms,
    currency,
    try_cast(value as decimal(18, 4)) as value,
    transaction_id,
    cart_id,
    items
from landed
where
    copy_number = 1
    and visitor_id is not null
    and try_cast(event_at as timestamp) is not null
