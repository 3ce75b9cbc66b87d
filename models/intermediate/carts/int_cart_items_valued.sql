{{ config(materialized='view') }}
-- A view apart from the items, which are stored and redone by cart: rates get a new day every day.

select
    items.cart_id,
    items.item_id,
    cast(
        items.quantity * items.price * case
            when
                coalesce(items.currency, reporting.reporting_currency)
                = reporting.reporting_currency
                then 1
            else rates.rate
        end as decimal(18, 2)
    ) as item_value
from {{ ref('int_cart_items') }} as items
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            items.currency = rates.currency
            and items.priced_on >= rates.valid_from
            and items.priced_on < rates.valid_to
