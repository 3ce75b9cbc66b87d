{% macro is_consented() -%}
    {#- SQL: whether an event may name its visitor, by its own column consent_analytics. A value that is
        neither true nor false is no consent; without a value the var decides. -#}
    case
            when {{ is_blank('consent_analytics') }}
                then {{ 'true' if var('consent_when_unknown') else 'false' }}
            else coalesce({{ true_or_false('consent_analytics') }}, false)
        end
{%- endmacro %}

{% macro shown_column(column) -%}
    {#- SQL: a text column of an event as it may pass on: as it came with consent; without, nothing that
        says who the visitor is or ties two visits together. Blank stays blank, so that what is
        missing is still rejected. -#}
    {%- set visit = "coalesce(nullif(session_key, ''), left(event_at, 10), '')" -%}
    {%- set without_consent = {
        'visitor_id': withheld_hash("concat(visitor_id, '|', " ~ visit ~ ")"),
        'cart_id': withheld_hash(
            "concat('cart ', cart_id, '|', coalesce(visitor_id, ''), '|', " ~ visit ~ ")"
        ),
        'transaction_id': withheld_hash('transaction_id'),
        'gclid': "'(withheld)'",
        'fbclid': "'(withheld)'",
        'msclkid': "'(withheld)'",
        'search_term': "'(withheld)'",
        'user_id': 'null',
        'session_key': 'null',
        'page_title': 'null',
        'city': 'null',
        'age_bracket': 'null',
        'gender': 'null',
        'coupon': 'null',
        'page_url': "split_part(split_part(page_url, '?', 1), '#', 1)",
        'page_referrer': "split_part(split_part(page_referrer, '?', 1), '#', 1)",
        'user_agent': replaced_everywhere('user_agent', "'[0-9]+'", "'0'"),
    } -%}
    {%- if column in without_consent -%}
        case
            when is_consented then {{ column }}
            when {{ is_blank(column) }} then {{ column }}
            else {{ without_consent[column] }}
        end
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}

{% macro withheld_hash(text) -%}
    {#- SQL: what stands for an identifier that may not be kept. It says so itself. -#}
    concat('withheld-', {{ keyed_hash(text) }})
{%- endmacro %}

{% macro is_withheld(column) -%}
    {#- SQL: whether a hash stands in the place of an identifier. -#}
    {{ column }} like 'withheld-%'
{%- endmacro %}

{% macro orders_by_transaction(model_name='int_orders_latest') -%}
    {#- A query of a model of orders, each under the transaction ids that its purchase may carry:
        its own id, and what stands for it without consent. Asked, never stored: a stored
        pair would say whose visit it was. -#}
    select
        *,
        order_id as transaction_id
    from {{ ref(model_name) }}
    union all
    select
        *,
        {{ withheld_hash('order_id') }} as transaction_id
    from {{ ref(model_name) }}
{%- endmacro %}
