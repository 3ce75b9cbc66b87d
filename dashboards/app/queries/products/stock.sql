select
    count(*) filter (where suggested_order_quantity > 0) as to_order,
    cast(sum(suggested_order_quantity) as bigint) as units_to_order,
    sum(lost_sales) as lost_sales,
    sum(overstock_value) as overstock_value,
    max(stock_date) as stock_date
from rpt_inventory_health
