with

messages as (
    select
        *,
        {{ segment_event_name() }} as event_name,
        lower(consent_preferences) as preferences,
        -- A message about one product says of it what a list says of each.
        case
            when products is not null then products
            when coalesce(product_id, sku) <> '' then concat('[', own_product, ']')
        end as product_list
    from {{ ref('stg_segment__messages') }}
    where type is distinct from 'identify'
),

events as (
    select
        *,
        coalesce(page_url, case when type = 'page' then own_url end) as event_url,
        {{ parsed_once(json_items('product_list', {
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
    session_key,
    event_url as page_url,
    coalesce(page_referrer, case when type = 'page' then own_referrer end) as page_referrer,
    coalesce(page_title, case when type = 'page' then own_title end) as page_title,
    utm_source,
    utm_medium,
    utm_campaign,
    utm_term,
    utm_content,
    {{ query_parameter('event_url', 'gclid') }} as gclid,
    {{ query_parameter('event_url', 'fbclid') }} as fbclid,
    {{ query_parameter('event_url', 'msclkid') }} as msclkid,
    case
        when lower(device_type) in ('ios', 'android') then 'mobile'
        else lower(device_type)
    end as device_category,
    operating_system,
    {{ browser_of('user_agent') }} as browser,
    user_agent,
    country,
    region,
    city,
    language,
    cast(null as {{ dbt.type_string() }}) as age_bracket,
    gender,
    engagement_ms,
    upper(currency) as currency,
    -- First what leaves out tax and shipping, as GA4's value does.
    coalesce(
        revenue,
        subtotal,
        stated_value,
        total,
        case
            when event_name in (
                'view_item', 'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout',
                'add_shipping_info', 'add_payment_info', 'purchase', 'refund'
            ) then {{ items_value('items') }}
        end
    ) as value,
    case
        when event_name in ('purchase', 'refund', 'order_updated', 'order_cancelled') then order_id
    end as transaction_id,
    coalesce(coupon, coupon_name, coupon_id) as coupon,
    cart_id,
    case when event_name = 'search' then search_query end as search_term,
    items,
    {%- for purpose in ['analytics', 'ads'] %}
    case
        {%- for answer in ['false', 'true'] %}
        when {{ matches(
            'preferences',
            "'" ~ consent_pattern(purpose) ~ '[ \t\n\r]*:[ \t\n\r]*"?' ~ answer ~ "'"
        ) }}
            then '{{ answer }}'
        {%- endfor %}
    end as consent_{{ purpose }},
    {%- endfor %}
    'segment.events' as _source_table,
    {{ row_as_json('raw_fields', withheld=['context', 'traits']) }} as raw_row,
    cast(null as {{ dbt.type_string() }}) as _superseded_by,
    _loaded_at,
    _source_file,
    _source_row
from events
