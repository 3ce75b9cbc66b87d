select
    country,
    region,
    language,
    age_bracket,
    gender,
    cast(sum(sessions) as bigint) as sessions,
    cast(sum(purchase_sessions) as bigint) as purchase_sessions,
    sum(net_revenue) as net_revenue
from rpt_audience_daily
where
    report_date between $start and $end
    and (len($countries) = 0 or list_contains($countries, country))
group by country, region, language, age_bracket, gender
order by sessions desc, country asc, region asc, language asc, age_bracket asc, gender asc
limit 200
