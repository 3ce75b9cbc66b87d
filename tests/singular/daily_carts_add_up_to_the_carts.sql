with

carts as (
    select
        started_date,
        count(*) as carts,
        sum(case when left_at is not null then cart_value else 0 end) as abandoned_value
    from {{ ref('fct_carts') }}
    group by started_date
),

reported as (
    select
        report_date,
        sum(carts) as carts,
        sum(open_carts + purchased_carts + emptied_carts + abandoned_carts) as carts_by_state,
        sum(abandoned_value) as abandoned_value
    from {{ ref('rpt_cart_abandonment_daily') }}
    group by report_date
)

select
    carts.started_date,
    carts.carts,
    reported.carts as reported_carts,
    reported.carts_by_state
from carts
    full outer join reported
        on carts.started_date = reported.report_date
where
    carts.carts is distinct from reported.carts
    or carts.carts is distinct from reported.carts_by_state
    or coalesce(carts.abandoned_value, 0) <> coalesce(reported.abandoned_value, 0)
