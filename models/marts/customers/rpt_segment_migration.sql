with

segments as (
    select
        scored.month_date,
        scored.customer_id,
        segments.segment
    from {{ ref('int_customer_months_scored') }} as scored
        inner join {{ ref('rfm_segments') }} as segments
            on
                scored.r_score = segments.r_score
                and scored.f_score = segments.f_score
)

select
    segments.month_date as report_month,
    coalesce(earlier.segment, 'new') as from_segment,
    segments.segment as to_segment,
    count(*) as customers
from segments
    left join segments as earlier
        on
            segments.customer_id = earlier.customer_id
            and segments.month_date = {{ dbt.dateadd('month', 1, 'earlier.month_date') }}
group by segments.month_date, earlier.segment, segments.segment
