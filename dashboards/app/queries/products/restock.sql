select
    products.title,
    inventory.variant_id,
    inventory.location_id,
    performance.abc_class,
    inventory.on_hand,
    inventory.incoming,
    inventory.daily_demand,
    inventory.days_of_cover,
    inventory.lead_time_days,
    inventory.reorder_point,
    inventory.stockout_days,
    inventory.lost_sales,
    inventory.suggested_order_quantity
from rpt_inventory_health as inventory
    left join dim_products as products on inventory.variant_id = products.variant_id
    left join rpt_product_performance as performance
        on inventory.variant_id = performance.variant_id
where inventory.suggested_order_quantity > 0
order by
    inventory.days_of_cover asc nulls last,
    inventory.daily_demand desc,
    inventory.variant_id asc,
    inventory.location_id asc
limit 500
