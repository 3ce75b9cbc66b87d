-- One row per kind of message and cart that was left, was reminded or could have been, and whose
-- recovery window is over. A cart without a message is compared from the moment at which the cart
-- left next on its day was reminded, because it would have been by then: what came back earlier
-- needed no reminder and tells nothing. A cart could have been reminded where its customer had an
-- account by then, or reached checkout; not one without consent, because its id is withheld.
{%- set window = "interval '" ~ var('cart_recovery_window_days') ~ "' day" %}

with

first_messages as (
    select
        coalesce(kind, '(not set)') as message_kind,
        cart_id,
        min(sent_at) as sent_at
    from (
        {{ latest_rows('stg_shop__messages', ['message_id']) }}
    ) as messages
    where cart_id is not null and sent_at is not null
    group by coalesce(kind, '(not set)'), cart_id
),

spells as (
    select
        spells.*,
        {{ store_date('spells.left_at') }} as left_date,
        customers.created_at as customer_created_at,
        recoveries.recovered_at
    from {{ ref('int_cart_spells') }} as spells
        inner join {{ ref('int_carts_judged') }} as carts
            on spells.cart_id = carts.cart_id
        cross join {{ ref('int_as_of') }} as as_of
        left join {{ ref('int_customers_known') }} as customers
            on carts.customer_id = customers.customer_id
        left join {{ ref('int_cart_recoveries') }} as recoveries
            on
                spells.cart_id = recoveries.cart_id
                and spells.activity_number = recoveries.activity_number
    where
        spells.left_at + {{ window }} <= as_of.as_of_at
        and not {{ is_withheld('spells.cart_id') }}
),

reminded as (
    select
        spells.*,
        first_messages.message_kind,
        first_messages.sent_at
    from spells
        inner join first_messages
            on
                spells.cart_id = first_messages.cart_id
                and spells.left_at < first_messages.sent_at
                and spells.left_at + {{ window }} >= first_messages.sent_at
    where spells.resumed_at is null or first_messages.sent_at < spells.resumed_at
),

mailings as (
    select distinct
        message_kind,
        left_date
    from reminded
),

both_groups as (
    select * from reminded
    union all
    select
        spells.*,
        mailings.message_kind,
        cast(null as timestamp) as sent_at
    from spells
        inner join mailings
            on spells.left_date = mailings.left_date
        left join first_messages
            on
                spells.cart_id = first_messages.cart_id
                and mailings.message_kind = first_messages.message_kind
    where first_messages.cart_id is null
),

-- Where no cart of the day was left later: the last moment at which an earlier one was reminded.
timed as (
    select
        *,
        coalesce(
            sent_at,
            min(sent_at) over (
                partition by message_kind, left_date order by left_at, cart_id
                rows between current row and unbounded following
            ),
            max(sent_at) over (
                partition by message_kind, left_date order by left_at, cart_id
                rows between unbounded preceding and current row
            )
        ) as compared_from
    from both_groups
),

ranked as (
    select
        *,
        row_number() over (
            partition by message_kind, cart_id order by activity_number
        ) as spell_rank
    from timed
    where resumed_at is null or compared_from < resumed_at
)

select
    message_kind,
    cart_id,
    left_at,
    compared_from,
    sent_at is not null as is_reminded,
    recovered_at is not null as is_recovered
from ranked
where
    spell_rank = 1
    and (recovered_at is null or recovered_at > compared_from)
    and (customer_created_at <= compared_from or step_number >= 3)
