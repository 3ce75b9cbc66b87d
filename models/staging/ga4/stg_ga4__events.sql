-- Grain: landed row. What cannot be used passes as it came, so that the contract rejects it.

with

countries as (
    select
        lower(country_name) as country_key,
        country_code
    from {{ ref('ga4_countries') }}
),

events as (
    select
        exported.*,
        countries.country_code
    from {{ ref('stg_ga4__values') }} as exported
        left join countries
            on exported.country_key = countries.country_key
),

-- Only what the address carries is a utm parameter; Google also collects what it makes of the
-- referrer. Where the address has none, such as after a redirect, Google's memory of it counts.
tagged as (
    select
        *,
        coalesce({{ matches('page_location', "'(?i)^[^#]*[?&]utm_'") }}, false) as has_tags,
        coalesce({{ field_of('collected', 'manual_medium') }}, '') not in ('organic', 'referral')
            as is_collected_tag
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
            when is_collected_tag then nullif({{ field_of('collected', field) }}, '(not set)')
        end as utm_{{ tag }},
        {%- endfor %}
        coalesce(
            {{ query_parameter('page_location', 'gclid') }}, {{ field_of('collected', 'gclid') }}
        ) as gclid,
        {{ query_parameter('page_location', 'fbclid') }} as fbclid,
        {{ query_parameter('page_location', 'msclkid') }} as msclkid,
        {{ field_of('machine', 'category') }} as device_category,
        {{ field_of('machine', 'operating_system') }} as operating_system,
        coalesce(
            {{ field_of('machine', 'web_info.browser') }}, {{ field_of('machine', 'browser') }}
        ) as browser,
        cast(null as {{ dbt.type_string() }}) as user_agent,
        coalesce(
            country_code, nullif({{ field_of('place', 'country') }}, '(not set)')
        ) as country,
        nullif({{ field_of('place', 'region') }}, '(not set)') as region,
        nullif({{ field_of('place', 'city') }}, '(not set)') as city,
        {{ ga4_language(field_of('machine', 'language')) }} as language,
        cast(null as {{ dbt.type_string() }}) as age_bracket,
        cast(null as {{ dbt.type_string() }}) as gender,
        {{ value_of_key('parameters', 'engagement_time_msec') }} as engagement_ms,
        {{ value_of_key('parameters', 'currency') }} as currency,
        coalesce(
            {{ value_of_key('parameters', 'value') }},
            {{ field_of('commerce', 'purchase_revenue') }},
            {{ field_of('commerce', 'refund_value') }}
        ) as value,
        nullif(
            coalesce(
                {{ field_of('commerce', 'transaction_id') }},
                {{ value_of_key('parameters', 'transaction_id') }}
            ),
            '(not set)'
        ) as transaction_id,
        {{ value_of_key('parameters', 'coupon') }} as coupon,
        {{ value_of_key('parameters', 'cart_id') }} as cart_id,
        {{ value_of_key('parameters', 'search_term') }} as search_term,
        item_list as items,
        {{ ga4_consent(field_of('privacy', 'analytics_storage')) }} as consent_analytics,
        {{ ga4_consent(field_of('privacy', 'ads_storage')) }} as consent_ads,
        _source_table,
        raw_row,
        _superseded_by,
        _loaded_at,
        _source_file,
        _source_row
    from tagged
)

select * from mapped
