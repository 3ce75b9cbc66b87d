{%- set context_fields = {
    'page_url': 'page.url', 'page_referrer': 'page.referrer', 'page_title': 'page.title',
    'utm_source': 'campaign.source', 'utm_medium': 'campaign.medium',
    'utm_campaign': 'campaign.name', 'utm_term': 'campaign.term',
    'utm_content': 'campaign.content',
    'user_agent': 'userAgent', 'device_type': 'device.type', 'operating_system': 'os.name',
    'country': 'location.country', 'region': 'location.region', 'city': 'location.city',
    'language': 'locale', 'session_key': 'sessionId', 'gender': 'traits.gender',
    'consent_preferences': 'consent.categoryPreferences',
} %}
{%- set property_fields = {
    'own_url': 'url', 'own_referrer': 'referrer', 'own_title': 'title',
    'search_query': 'query', 'engagement_ms': 'engagement_time_msec',
    'currency': 'currency', 'revenue': 'revenue', 'subtotal': 'subtotal',
    'stated_value': 'value', 'total': 'total', 'order_id': 'order_id', 'cart_id': 'cart_id',
    'coupon': 'coupon', 'coupon_name': 'coupon_name', 'coupon_id': 'coupon_id',
    'shipping_method': 'shipping_method', 'payment_method': 'payment_method',
    'product_id': 'product_id', 'sku': 'sku', 'products': 'products',
} %}

with

raw as (
    select * from {{ landed('segment', 'events') }}
),

parsed as (
    select
        *,
        {{ parsed_once(json_fields('context', {
            'page': {'url': 'text', 'referrer': 'text', 'title': 'text'},
            'campaign': {
                'source': 'text', 'medium': 'text', 'name': 'text', 'term': 'text',
                'content': 'text',
            },
            'userAgent': 'text', 'locale': 'text', 'sessionId': 'text',
            'device': {'type': 'text'}, 'os': {'name': 'text'},
            'location': {'country': 'text', 'region': 'text', 'city': 'text'},
            'traits': {'gender': 'text'},
            'consent': {'categoryPreferences': 'json'},
        })) }} as context_read,
        {{ parsed_once(json_fields('properties', {
            'url': 'text', 'referrer': 'text', 'title': 'text', 'query': 'text',
            'engagement_time_msec': 'text', 'currency': 'text',
            'revenue': 'text', 'subtotal': 'text', 'value': 'text', 'total': 'text',
            'order_id': 'text', 'cart_id': 'text',
            'coupon': 'text', 'coupon_name': 'text', 'coupon_id': 'text',
            'shipping_method': 'text', 'payment_method': 'text',
            'product_id': 'text', 'sku': 'text', 'products': 'json',
        })) }} as properties_read,
        {{ row_as_struct('raw') }} as raw_fields
    from raw
),

messages as (
    select
        messageid,
        type,
        event,
        anonymousid,
        userid,
        coalesce(nullif(timestamp, ''), receivedat) as happened_at,
        {%- for column, path in context_fields.items() %}
        {{ field_of('context_read', path) }} as {{ column }},
        {%- endfor %}
        {%- for column, path in property_fields.items() %}
        {{ field_of('properties_read', path) }} as {{ column }},
        {%- endfor %}
        properties as own_product,
        raw_fields,
        _loaded_at,
        _source_file,
        _source_row
    from parsed
)

select * from messages
