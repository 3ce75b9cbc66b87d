-- The one currency that reports add up in: the var, or the currency of most orders, or XXX (ISO
-- 4217: no currency) where no order names one.

with

orders as (
    {{ latest_rows('stg_shop__orders', ['order_id'], newest='updated_at') }}
),

currencies as (
    select
        currency,
        count(*) as order_count
    from orders
    where currency is not null
    group by currency
),

ranked as (
    select
        currency,
        row_number() over (order by order_count desc, currency asc) as currency_rank
    from currencies
)

select
    coalesce(
        {% if var('reporting_currency') %}'{{ var("reporting_currency") }}',{% endif %}
        max(currency),
        'XXX'
    ) as reporting_currency
from ranked
where currency_rank = 1
