with

arrived as (
    select
        {{ dbt.dateadd('month', 1, 'report_month') }} as next_month,
        to_segment as segment,
        sum(customers) as customers
    from {{ ref('rpt_segment_migration') }}
    group by report_month, to_segment
),

left_again as (
    select
        report_month,
        from_segment as segment,
        sum(customers) as customers
    from {{ ref('rpt_segment_migration') }}
    where from_segment <> 'new'
    group by report_month, from_segment
),

last_month as (
    select max(report_month) as report_month
    from {{ ref('rpt_segment_migration') }}
)

select
    coalesce(arrived.next_month, left_again.report_month) as report_month,
    coalesce(arrived.segment, left_again.segment) as segment,
    arrived.customers as customers_before,
    left_again.customers as customers_moved
from arrived
    full outer join left_again
        on
            arrived.next_month = left_again.report_month
            and arrived.segment = left_again.segment
    cross join last_month
where
    arrived.customers is distinct from left_again.customers
    and coalesce(arrived.next_month, left_again.report_month) <= last_month.report_month
