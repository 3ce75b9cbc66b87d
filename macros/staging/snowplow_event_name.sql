{% macro snowplow_event_name() -%}
    {#- GA4's name of a Snowplow event: an action of the e-commerce plugin by its type, where a step of
        the checkout is what it says of payment or shipping; a structured event by its action, in
        lower case and with underscores for blanks; any other by the name of its schema. -#}
    {%- set actions = {
        'product_view': 'view_item', 'list_view': 'view_item_list', 'list_click': 'select_item',
        'promo_view': 'view_promotion', 'promo_click': 'select_promotion',
        'transaction': 'purchase', 'trns_error': 'payment_error',
    } -%}
    {%- set schemas = {
        'site_search': 'search', 'screen_end': 'user_engagement', 'link_click': 'click',
        'submit_form': 'form_submit',
    } -%}
    case
            when event = 'page_view' then 'page_view'
            when event = 'page_ping' then 'user_engagement'
            when event = 'struct' then lower({{ replaced_everywhere('trim(se_action)', "'[ \t\n\r]+'", "'_'") }})
            when event = 'transaction' then 'purchase'
            when event = 'transaction_item' then 'transaction_item'
            when event_name <> 'snowplow_ecommerce_action'
                then case event_name
                {%- for theirs, ours in schemas.items() %}
                    when '{{ theirs }}' then '{{ ours }}'
                {%- endfor %}
                    else event_name
                end
            when action_type = 'checkout_step'
                then case
                    when payment_method <> '' then 'add_payment_info'
                    when delivery_method <> '' then 'add_shipping_info'
                    when checkout_step > 1 then 'checkout_progress'
                    else 'begin_checkout'
                end
            {%- for theirs, ours in actions.items() %}
            when action_type = '{{ theirs }}' then '{{ ours }}'
            {%- endfor %}
            else action_type
        end
{%- endmacro %}
