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
    coalesce(before.segment, 'new') as from_segment,
    segments.segment as to_segment,
    count(*) as customers
from segments
    left join segments as before
        on
            segments.customer_id = before.customer_id
            and segments.month_date = {{ dbt.dateadd('month', 1, 'before.month_date') }}
group by segments.month_date, before.segment, segments.segment
