with

steps as (
    select
        report_date,
        funnel_name,
        channel,
        device_category,
        country,
        step_number,
        entrants,
        reached,
        waiting,
        lost,
        lag(reached) over (
            partition by report_date, funnel_name, channel, device_category, country
            order by step_number
        ) as previous_reached,
        lead(reached) over (
            partition by report_date, funnel_name, channel, device_category, country
            order by step_number
        ) as next_reached
    from {{ ref('rpt_custom_funnel_daily') }}
)

select *
from steps
where
    reached > coalesce(previous_reached, entrants)
    or (step_number = 1 and reached <> entrants)
    -- Who reached a step is in the next one, waits or is lost.
    or reached <> coalesce(next_reached, reached) + waiting + lost
