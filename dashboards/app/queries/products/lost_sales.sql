select
    inventory.variant_id,
    coalesce(max(products.title), inventory.variant_id) as title,
    sum(inventory.lost_sales) as lost_sales,
    sum(inventory.lost_sales) * max(products.current_price) as lost_value,
    max(products.price_currency) as currency
from rpt_inventory_health as inventory
    left join dim_products as products on inventory.variant_id = products.variant_id
where inventory.lost_sales > 0
group by inventory.variant_id
order by lost_sales desc, inventory.variant_id asc
limit 12
