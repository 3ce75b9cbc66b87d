{%- set z = 1.959963984540054 %}
-- The interval is Newcombe's (1998, method 10), from Wilson's intervals of the two rates: it stays
-- right where few carts are recovered.

with

counted as (
    select
        message_kind,
        is_reminded,
        count(*) as carts,
        count(case when is_recovered then 1 end) as recovered_carts,
        cast(count(case when is_recovered then 1 end) as double) / count(*) as recovery_rate
    from {{ ref('int_cart_reminders_compared') }}
    group by message_kind, is_reminded
),

intervals as (
    select
        *,
        (recovery_rate + {{ z * z }} / (2 * carts)) / (1 + {{ z * z }} / carts) as middle,
        {{ z }} * sqrt(
            recovery_rate * (1 - recovery_rate) / carts + {{ z * z }} / (4 * carts * carts)
        ) / (1 + {{ z * z }} / carts) as half_width
    from counted
),

bounded as (
    select
        *,
        recovery_rate - (middle - half_width) as below,
        middle + half_width - recovery_rate as above
    from intervals
)

select
    reminded.message_kind,
    reminded.carts as reminded_carts,
    reminded.recovered_carts as reminded_recovered_carts,
    round(reminded.recovery_rate, 8) as reminded_recovery_rate,
    coalesce(others.carts, 0) as other_carts,
    coalesce(others.recovered_carts, 0) as other_recovered_carts,
    round(others.recovery_rate, 8) as other_recovery_rate,
    round(reminded.recovery_rate - others.recovery_rate, 8) as difference,
    round(
        reminded.recovery_rate - others.recovery_rate
        - sqrt(reminded.below * reminded.below + others.above * others.above), 8
    ) as ci_low,
    round(
        reminded.recovery_rate - others.recovery_rate
        + sqrt(reminded.above * reminded.above + others.below * others.below), 8
    ) as ci_high
from bounded as reminded
    left join bounded as others
        on
            reminded.message_kind = others.message_kind
            and not others.is_reminded
where reminded.is_reminded
