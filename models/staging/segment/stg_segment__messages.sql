with

raw as (
    select * from {{ landed('segment', 'events') }}
),

messages as (
    select
        messageid,
        type,
        event,
        anonymousid,
        userid,
        coalesce(nullif(timestamp, ''), receivedat) as happened_at,
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
        })) }} as context,
        {{ parsed_once(json_fields('properties', {
            'url': 'text', 'referrer': 'text', 'title': 'text', 'query': 'text',
            'engagement_time_msec': 'text', 'currency': 'text',
            'revenue': 'text', 'subtotal': 'text', 'value': 'text', 'total': 'text',
            'order_id': 'text', 'cart_id': 'text',
            'coupon': 'text', 'coupon_name': 'text', 'coupon_id': 'text',
            'shipping_method': 'text', 'payment_method': 'text',
            'product_id': 'text', 'sku': 'text', 'products': 'json',
        })) }} as properties,
        -- What a message is about itself, where it is about one product.
        properties as product,
        {{ row_as_struct('raw') }} as raw_fields,
        _loaded_at,
        _source_file,
        _source_row
    from raw
)

select * from messages
