select
    count(*) as customers,
    count(clv_12m) as valued_customers,
    sum(clv_12m) as clv_12m,
    sum(historic_clv) as historic_clv,
    min(missing_reason) as missing_reason
from fct_customer_value
