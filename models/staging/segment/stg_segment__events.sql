{%- set preferences = "lower(context.consent.categoryPreferences)" %}

with

messages as (
    select
        *,
        {{ segment_event_name() }} as event_name,
        coalesce(context.page.url, case when type = 'page' then properties.url end) as page_url,
        case
            when properties.products is not null then properties.products
            when coalesce(properties.product_id, properties.sku) <> ''
                then concat('[', product, ']')
        end as products
    from {{ ref('stg_segment__messages') }}
    where type is distinct from 'identify'
),

events as (
    select
        *,
        {{ parsed_once(json_items('products', {
            'item_id': ['product_id', 'sku'], 'item_name': ['name'], 'item_category': ['category'],
            'price': ['price'], 'quantity': ['quantity'],
        })) }} as items
    from messages
)

select
    messageid as event_id,
    happened_at as event_at,
    event_name,
    anonymousid as visitor_id,
    userid as user_id,
    context.sessionId as session_key,
    page_url,
    coalesce(context.page.referrer, case when type = 'page' then properties.referrer end)
        as page_referrer,
    coalesce(context.page.title, case when type = 'page' then properties.title end) as page_title,
    context.campaign.source as utm_source,
    context.campaign.medium as utm_medium,
    context.campaign.name as utm_campaign,
    context.campaign.term as utm_term,
    context.campaign.content as utm_content,
    {{ utm_parameter('page_url', 'gclid') }} as gclid,
    {{ utm_parameter('page_url', 'fbclid') }} as fbclid,
    {{ utm_parameter('page_url', 'msclkid') }} as msclkid,
    case
        when lower(context.device.type) in ('ios', 'android') then 'mobile'
        else lower(context.device.type)
    end as device_category,
    context.os.name as operating_system,
    {{ browser_of('context.userAgent') }} as browser,
    context.userAgent as user_agent,
    context.location.country,
    context.location.region,
    context.location.city,
    context.locale as language,
    cast(null as {{ dbt.type_string() }}) as age_bracket,
    context.traits.gender,
    properties.engagement_time_msec as engagement_ms,
    upper(properties.currency) as currency,
    -- First what leaves out tax and shipping, as GA4's value does.
    coalesce(
        properties.revenue,
        properties.subtotal,
        properties.value,
        properties.total,
        case
            when event_name in (
                'view_item', 'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout',
                'add_shipping_info', 'add_payment_info', 'purchase', 'refund'
            ) then {{ items_value('items') }}
        end
    ) as value,
    case
        when event_name in ('purchase', 'refund', 'order_updated', 'order_cancelled')
            then properties.order_id
    end as transaction_id,
    coalesce(properties.coupon, properties.coupon_name, properties.coupon_id) as coupon,
    properties.cart_id,
    case when event_name = 'search' then properties.query end as search_term,
    items,
    {%- for purpose in ['analytics', 'ads'] %}
    case
        when regexp_matches({{ preferences }}, '{{ consent_pattern(purpose) }}\s*:\s*"?false') then 'false'
        when regexp_matches({{ preferences }}, '{{ consent_pattern(purpose) }}\s*:\s*"?true') then 'true'
    end as consent_{{ purpose }},
    {%- endfor %}
    'segment.events' as _source_table,
    {{ row_as_json('raw_fields') }} as raw_row,
    cast(null as {{ dbt.type_string() }}) as _superseded_by,
    _loaded_at,
    _source_file,
    _source_row
from events
