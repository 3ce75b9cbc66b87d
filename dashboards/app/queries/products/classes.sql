select
    abc_class,
    coalesce(xyz_class, '?') as xyz_class,
    count(*) as variants,
    sum(net_sales) as net_sales,
    sum(revenue_share) as revenue_share
from rpt_product_performance
where abc_class is not null
group by abc_class, coalesce(xyz_class, '?')
order by abc_class asc, coalesce(xyz_class, '?') asc
