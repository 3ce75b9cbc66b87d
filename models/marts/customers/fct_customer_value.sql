-- Sums of money are rounded last; the models' own numbers come rounded.

select
    purchases.customer_id,
    purchases.cutoff_date as as_of_date,
    purchases.first_order_at,
    purchases.last_order_at,
    purchases.frequency,
    purchases.recency_days as recency,
    purchases.age_days as age,
    {{ as_decimal('purchases.monetary_value') }} as monetary_value,
    predicted.p_alive,
    predicted.expected_purchases as expected_purchases_12m,
    {{ as_decimal('predicted.expected_purchase_value') }} as expected_purchase_value,
    {{ as_decimal(
        var('clv_margin') ~ ' * predicted.p_alive * predicted.discounted_purchases_if_alive'
        ~ ' * predicted.expected_purchase_value'
    ) }} as clv_12m,
    cast({{ var('clv_margin') }} * purchases.net_sales as decimal(18, 2)) as historic_clv,
    predicted.missing_reason
from {{ ref('int_customer_purchases_summarized') }} as purchases
    inner join {{ ref('int_customer_values_predicted') }} as predicted
        on
            purchases.cutoff = predicted.cutoff
            and purchases.customer_id = predicted.customer_id
where purchases.cutoff = 'now'
