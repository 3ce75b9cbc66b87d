select
    message_kind,
    reminded_carts,
    reminded_recovery_rate,
    other_carts,
    other_recovery_rate,
    difference,
    ci_low,
    ci_high
from rpt_cart_reminder_effect
order by message_kind
