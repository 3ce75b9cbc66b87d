select
    count(*) as buyers,
    count(*) filter (where order_count > 1) as repeat_buyers
from dim_customers
where
    order_count > 0
    and (len($countries) = 0 or list_contains($countries, country))
