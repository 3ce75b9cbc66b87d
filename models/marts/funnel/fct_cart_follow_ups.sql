with

as_of as (
    select as_of_at from {{ ref('int_as_of') }}
),

messages as (
    {{ latest_rows('stg_shop__messages', ['message_id']) }}
),

reminders as (
    select
        messages.cart_id,
        count(*) as reminder_count,
        max(messages.sent_at) as reminded_at
    from messages
        cross join as_of
    where messages.cart_id is not null and messages.sent_at <= as_of.as_of_at
    group by messages.cart_id
),

-- A cart that somebody came back to within the window is not waiting for a reminder.
waiting as (
    select
        carts.*,
        {{ seconds_between('carts.left_at', 'as_of.as_of_at') }} / 3600 as hours_since_left
    from {{ ref('fct_carts') }} as carts
        cross join as_of
    where
        carts.cart_state = 'abandoned'
        and not carts.is_recovered
        and carts.left_at = carts.last_activity_at
        and carts.left_at + interval '{{ var("cart_recovery_window_days") }}' day > as_of.as_of_at
),

contents as (
    select
        items.cart_id,
        {{ joined_text(
            "concat(cast(items.quantity as " ~ dbt.type_string() ~ "), ' × ', "
            ~ "coalesce(variants.title, items.item_id))",
            ', ', 'items.item_id'
        ) }} as items
    from waiting
        inner join {{ ref('int_cart_items') }} as items
            on waiting.cart_id = items.cart_id
        left join {{ ref('int_variants_known') }} as variants
            on items.item_id = variants.variant_id
    group by items.cart_id
)

select
    waiting.cart_id,
    waiting.customer_id,
    waiting.left_at,
    waiting.hours_since_left,
    waiting.cart_value,
    waiting.item_count,
    contents.items,
    waiting.reached_step,
    waiting.abandonment_reason,
    waiting.device_category,
    coalesce(reminders.reminder_count, 0) as reminder_count,
    reminders.reminded_at,
    reminders.cart_id is not null as is_reminded,
    case
        when waiting.abandonment_reason = 'out_of_stock' then 'tell_when_back_in_stock'
        when reminders.cart_id is not null then 'wait'
        when waiting.abandonment_reason = 'payment' then 'offer_help_with_payment'
        when waiting.abandonment_reason = 'shipping_cost' then 'remind_of_shipping_terms'
        when waiting.abandonment_reason = 'price' then 'check_price_and_remind'
        else 'remind'
    end as suggested_action
from waiting
    inner join {{ ref('int_customers_known') }} as customers
        on waiting.customer_id = customers.customer_id
    left join contents
        on waiting.cart_id = contents.cart_id
    left join reminders
        on waiting.cart_id = reminders.cart_id
where customers.accepts_marketing and customers.deleted_at is null
