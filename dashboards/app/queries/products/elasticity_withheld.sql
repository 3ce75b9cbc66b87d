select
    withheld_reason,
    count(*) as products
from rpt_price_elasticity
where not is_published
group by withheld_reason
order by products desc, withheld_reason asc
