select
    group_path as path,
    count(conversion_number) as conversions,
    count(*) - count(conversion_number) as non_conversions
from {{ ref('int_journeys_summarized') }}
group by group_path
