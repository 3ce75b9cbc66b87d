with

landed as (
    select * from {{ landed('web', 'events') }}
),

typed as (
    select
        nullif(event_id, '') as event_id,
        {{ to_utc('event_at') }} as event_at,
        nullif(event_name, '') as event_name,
        nullif(visitor_id, '') as visitor_id,
        nullif(user_id, '') as user_id,
        nullif(session_key, '') as session_key,
        nullif(page_url, '') as page_url,
        nullif(page_referrer, '') as page_referrer,
        nullif(page_title, '') as page_title,
        nullif(utm_source, '') as utm_source,
        nullif(utm_medium, '') as utm_medium,
        nullif(utm_campaign, '') as utm_campaign,
        nullif(utm_term, '') as utm_term,
        nullif(utm_content, '') as utm_content,
        nullif(gclid, '') as gclid,
        nullif(fbclid, '') as fbclid,
        nullif(msclkid, '') as msclkid,
        nullif(device_category, '') as device_category,
        nullif(operating_system, '') as operating_system,
        nullif(browser, '') as browser,
        nullif(user_agent, '') as user_agent,
        nullif(country, '') as country,
        nullif(region, '') as region,
        nullif(city, '') as city,
        nullif(language, '') as language,
        nullif(age_bracket, '') as age_bracket,
        nullif(gender, '') as gender,
        try_cast(engagement_ms as bigint) as engagement_ms,
        nullif(currency, '') as currency,
        try_cast(value as decimal(18, 4)) as value,
        nullif(transaction_id, '') as transaction_id,
        nullif(coupon, '') as coupon,
        nullif(cart_id, '') as cart_id,
        nullif(search_term, '') as search_term,
        nullif(items, '') as items,
        try_cast(consent_analytics as boolean) as consent_analytics,
        try_cast(consent_ads as boolean) as consent_ads,
        -- The path without host, query and fragment; the host without www.
        {{ url_path('page_url') }} as page_path,
        {{ url_host('page_url') }} as page_host,
        {{ url_host('page_referrer') }} as referrer_host,
        {{ rejection_reason(['web', 'events'], rules=[
            (to_utc('event_at') ~ " > _loaded_at + interval '1' day", 'event_at lies after its load'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
