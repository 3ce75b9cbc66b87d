-- Grain: landed row. What cannot be used passes as it came, so that the contract rejects it.
{%- set from_referrer = "coalesce(collected.manual_medium, '') in ('organic', 'referral')" %}

with

events as (
    select * from {{ ref('stg_ga4__values') }}
),

countries as (
    select
        lower(country_name) as country_key,
        country_code
    from {{ ref('ga4_countries') }}
),

-- Only what the address carries is a utm parameter; Google also collects what it makes of the
-- referrer. Where the address has none, such as after a redirect, Google's memory of it counts.
tagged as (
    select
        *,
        coalesce(regexp_matches(page_location, '^[^#]*[?&]utm_'), false) as has_tags,
        not {{ from_referrer }} as is_collected_tag
    from events
),

mapped as (
    select
        {{ ga4_event_id() }} as event_id,
        {{ microseconds_as_text('event_timestamp') }} as event_at,
        case event_name
            when 'ecommerce_purchase' then 'purchase'
            when 'purchase_refund' then 'refund'
            else event_name
        end as event_name,
        user_pseudo_id as visitor_id,
        user_id,
        {{ value_of_key('parameters', 'ga_session_id') }} as session_key,
        page_location as page_url,
        {{ value_of_key('parameters', 'page_referrer') }} as page_referrer,
        {{ value_of_key('parameters', 'page_title') }} as page_title,
        {%- for tag, field in [
            ('source', 'manual_source'), ('medium', 'manual_medium'),
            ('campaign', 'manual_campaign_name'), ('term', 'manual_term'),
            ('content', 'manual_content'),
        ] %}
        case
            when has_tags then {{ query_parameter('page_location', 'utm_' ~ tag) }}
            when is_collected_tag then nullif(collected.{{ field }}, '(not set)')
        end as utm_{{ tag }},
        {%- endfor %}
        coalesce({{ query_parameter('page_location', 'gclid') }}, collected.gclid) as gclid,
        {{ query_parameter('page_location', 'fbclid') }} as fbclid,
        {{ query_parameter('page_location', 'msclkid') }} as msclkid,
        machine.category as device_category,
        machine.operating_system,
        coalesce(machine.web_info.browser, machine.browser) as browser,
        cast(null as {{ dbt.type_string() }}) as user_agent,
        coalesce(countries.country_code, nullif(place.country, '(not set)')) as country,
        nullif(place.region, '(not set)') as region,
        nullif(place.city, '(not set)') as city,
        {{ ga4_language('machine.language') }} as language,
        cast(null as {{ dbt.type_string() }}) as age_bracket,
        cast(null as {{ dbt.type_string() }}) as gender,
        {{ value_of_key('parameters', 'engagement_time_msec') }} as engagement_ms,
        {{ value_of_key('parameters', 'currency') }} as currency,
        coalesce(
            {{ value_of_key('parameters', 'value') }},
            commerce.purchase_revenue,
            commerce.refund_value
        ) as value,
        nullif(
            coalesce(commerce.transaction_id, {{ value_of_key('parameters', 'transaction_id') }}),
            '(not set)'
        ) as transaction_id,
        {{ value_of_key('parameters', 'coupon') }} as coupon,
        {{ value_of_key('parameters', 'cart_id') }} as cart_id,
        {{ value_of_key('parameters', 'search_term') }} as search_term,
        item_list as items,
        {{ ga4_consent('privacy.analytics_storage') }} as consent_analytics,
        {{ ga4_consent('privacy.ads_storage') }} as consent_ads,
        _source_table,
        raw_row,
        _superseded_by,
        _loaded_at,
        _source_file,
        _source_row
    from tagged
        left join countries
            on lower(trim(place.country)) = countries.country_key
)

select * from mapped
