{%- set columns = [
    'event_id', 'event_at', 'event_name', 'visitor_id', 'user_id', 'session_key',
    'page_url', 'page_referrer', 'page_title',
    'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content',
    'gclid', 'fbclid', 'msclkid', 'device_category', 'operating_system', 'browser', 'user_agent',
    'country', 'region', 'city', 'language', 'age_bracket', 'gender', 'engagement_ms',
    'currency', 'value', 'transaction_id', 'coupon', 'cart_id', 'search_term', 'items',
    'consent_analytics', 'consent_ads',
] %}

with

raw as (
    select * from {{ landed('web', 'events') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        {{ columns | join(', ') }},
        'web.events' as _source_table,
        cast(null as {{ dbt.type_string() }}) as raw_row,
        cast(null as {{ dbt.type_string() }}) as _superseded_by,
        _loaded_at,
        _source_file,
        _source_row,
        {{ row_as_struct('raw') }} as whole_row
    from raw
    {{- adapted('events', also=['null as whole_row']) }}
),

judged as (
    select
        *,
        {{ rejection_reason(['web', 'events'], rules=[
            (to_utc('event_at') ~ " > _loaded_at + interval '1' day", 'event_at lies after its load'),
        ]) }} as rejection_reason,
        -- Parts of addresses that name nobody, read off the addresses before these are cut short.
        {{ traffic_parameters('page_url') }} as traffic_parameters,
        {{ url_path('page_url') }} as page_path,
        {{ url_host('page_url') }} as page_host,
        {{ url_host('page_referrer') }} as referrer_host,
        {{ is_consented() }} as is_consented
    from landed
),

-- The one place that lets identifiers pass: without consent none do.
consented as (
    select
        {%- for column in columns %}
        {{ shown_column(column) }} as {{ column }},
        {%- endfor %}
        traffic_parameters,
        page_path,
        page_host,
        referrer_host,
        rejection_reason,
        is_consented,
        _superseded_by,
        raw_row,
        whole_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from judged
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
        page_path,
        page_host,
        referrer_host,
        traffic_parameters,
        rejection_reason,
        coalesce(_superseded_by, {{ counted_by_another_tracker() }}) as superseded_by,
        -- Made here and not below, so that who asks for rejected rows makes it of them alone.
        case
            when is_consented then coalesce(raw_row, {{ row_as_json('whole_row') }})
            else {{ columns_as_json(columns) }}
        end as raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from consented
)

select * from typed
