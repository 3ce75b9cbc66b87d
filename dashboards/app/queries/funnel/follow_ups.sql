select
    cart_id,
    customer_id,
    left_at,
    cart_value,
    item_count,
    items,
    reached_step,
    abandonment_reason,
    device_category,
    reminder_count,
    suggested_action
from fct_cart_follow_ups
where len($devices) = 0 or list_contains($devices, device_category)
order by suggested_action = 'wait', cart_value desc nulls last, cart_id asc
limit 500
