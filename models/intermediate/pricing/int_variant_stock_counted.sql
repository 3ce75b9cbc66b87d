-- What lies where nothing is sold from (returned goods, for one) cannot be bought.

select
    days_opened.variant_id,
    days_opened.stock_date as snapshot_date,
    cast(sum(greatest(days_opened.on_hand, 0)) as bigint) as on_hand
from {{ ref('int_stock_days_opened') }} as days_opened
    inner join {{ ref('int_stock_shared') }} as shared
        on
            days_opened.variant_id = shared.variant_id
            and days_opened.location_id = shared.location_id
where shared.is_selling
group by days_opened.variant_id, days_opened.stock_date
