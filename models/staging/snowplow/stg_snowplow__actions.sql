{%- set step = 'checkout_step_entities' %}
{%- set consent = 'consent_entities' %}

with

described as (
    select
        *,
        coalesce(
            consent_preferences_entities,
            case when event_name = 'consent_preferences' then concat('[', event_data, ']') end
        ) as consent_entities
    from {{ ref('stg_snowplow__described') }}
),

said as (
    select
        *,
        {{ parsed_once(json_text('event_data', 'type')) }} as action_type,
        {{ parsed_once(json_text(step, '[0].payment_method')) }} as payment_method,
        {{ parsed_once('coalesce(' ~ [
            json_text(step, '[0].delivery_method'), json_text(step, '[0].delivery_provider'),
            json_text(step, '[0].shipping_full_address'), json_text(step, '[0].shipping_postcode'),
        ] | join(', ') ~ ')') }} as delivery_method,
        {{ whole_number(json_text(step, '[0].step')) }} as checkout_step,
        {{ json_text('screen_summary_entities', '[0].foreground_sec') }} as foreground_seconds,
        {{ parsed_once('coalesce(' ~ [
            json_text(consent, '[0].event_type'), json_text(consent, '[0].eventType'),
        ] | join(', ') ~ ')') }} as consent_type,
        {{ parsed_once('lower(coalesce(' ~ [
            json_text(consent, '[0].consent_scopes'), json_text(consent, '[0].consentScopes'),
        ] | join(', ') ~ '))') }} as consent_scopes,
        {{ parsed_once(json_items('product_entities', {
            'item_id': ['id'], 'item_name': ['name'], 'item_category': ['category'],
            'price': ['price'], 'quantity': ['quantity'],
        })) }} as product_items
    from described
),

named as (
    select
        *,
        {{ snowplow_event_name() }} as action_name,
        case
            when ti_sku <> ''
                then {{ single_item({
                    'item_id': 'ti_sku', 'item_name': 'ti_name', 'item_category': 'ti_category',
                    'price': 'ti_price', 'quantity': 'ti_quantity',
                }) }}
            else product_items
        end as items
    from said
),

valued as (
    select
        *,
        case
            when event = 'page_ping'
                then cast({{ var('snowplow_heartbeat_seconds') }} * 1000 as {{ dbt.type_string() }})
            else coalesce(
                cast(cast(
                    try_cast(foreground_seconds as decimal(18, 3)) * 1000 as bigint
                ) as {{ dbt.type_string() }}),
                foreground_seconds
            )
        end as engagement_ms,
        coalesce(
            {{ json_text('transaction_entities', '[0].revenue') }},
            {{ json_text('refund_entities', '[0].refund_amount') }},
            tr_total,
            case
                when action_name in (
                    'view_item', 'add_to_cart', 'remove_from_cart', 'transaction_item'
                ) then {{ items_value('items') }}
            end,
            {{ json_text('cart_entities', '[0].total_value') }},
            case
                when action_name in (
                    'view_cart', 'begin_checkout', 'add_shipping_info', 'add_payment_info',
                    'purchase', 'refund'
                ) then {{ items_value('items') }}
            end
        ) as action_value
    from named
)

select * from valued
