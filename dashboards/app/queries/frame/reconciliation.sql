select
    report_date as day,
    cast(sum(tracked_purchases) as bigint) as tracked_purchases,
    cast(sum(matched_purchases) as bigint) as matched_purchases,
    cast(sum(orders) as bigint) as orders,
    cast(sum(tracked_orders) as bigint) as tracked_orders,
    sum(stated_total) as stated_total,
    sum(computed_total) as computed_total,
    sum(gift_card_sales) as gift_card_sales,
    sum(total_difference) as total_difference,
    sum(money_in) as money_in,
    sum(money_out) as money_out
from rpt_reconciliation_daily
where report_date between $start and $end
group by report_date
order by report_date
