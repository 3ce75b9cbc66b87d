{% macro segment_event_name() -%}
    {#- GA4's name of a Segment message: by the e-commerce spec, v2 and v1. A completed step of the
        checkout is what it says of payment or shipping. What GA4 has no name for keeps its own, in
        lower case and with underscores for blanks. -#}
    {%- set names = {
        'products searched': 'search',
        'product list viewed': 'view_item_list', 'viewed product category': 'view_item_list',
        'promotion viewed': 'view_promotion', 'viewed promotion': 'view_promotion',
        'promotion clicked': 'select_promotion', 'clicked promotion': 'select_promotion',
        'product clicked': 'select_item', 'clicked product': 'select_item',
        'product viewed': 'view_item', 'viewed product': 'view_item',
        'product added': 'add_to_cart', 'added product': 'add_to_cart',
        'wishlist product added to cart': 'add_to_cart',
        'product removed': 'remove_from_cart', 'removed product': 'remove_from_cart',
        'cart viewed': 'view_cart', 'viewed cart': 'view_cart',
        'checkout started': 'begin_checkout', 'started order': 'begin_checkout',
        'checkout step viewed': 'checkout_progress', 'viewed checkout step': 'checkout_progress',
        'payment info entered': 'add_payment_info',
        'order completed': 'purchase', 'completed order': 'purchase',
        'order refunded': 'refund', 'refunded order': 'refund',
        'product added to wishlist': 'add_to_wishlist',
        'product shared': 'share', 'cart shared': 'share',
        'signed up': 'sign_up', 'signed in': 'login',
    } -%}
    case
            when type = 'page' then 'page_view'
            when type = 'screen' then 'screen_view'
            when type in ('group', 'alias') then type
            when type <> 'track' or type is null then null
            when
                lower(trim(event)) in ('checkout step completed', 'completed checkout step')
                then case
                    when payment_method <> '' then 'add_payment_info'
                    when shipping_method <> '' then 'add_shipping_info'
                    else 'checkout_progress'
                end
            {%- for theirs, ours in names.items() %}
            when lower(trim(event)) = '{{ theirs }}' then '{{ ours }}'
            {%- endfor %}
            else lower({{ replaced_everywhere('trim(event)', "'[ \t\n\r]+'", "'_'") }})
        end
{%- endmacro %}
