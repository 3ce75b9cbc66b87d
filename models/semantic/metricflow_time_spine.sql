-- From the first to the last day of sessions and money: a wider spine would give metrics over past
-- days, such as those of 28 days, rows for days that the data does not reach.

with

days as (
    {{ number_series(36523) }}
),

dated as (
    select session_date as data_date
    from {{ ref('fct_sessions') }}
    union all
    select posting_date as data_date
    from {{ ref('fct_sales_ledger') }}
),

bounds as (
    select
        min(data_date) as first_date,
        max(data_date) as last_date
    from dated
),

-- 100 years; a date before them is a mistake.
calendar as (
    select
        cast({{ dbt.dateadd('day', 'number', "cast('1990-01-01' as date)") }} as date) as date_day
    from days
)

select calendar.date_day
from calendar
    inner join bounds
        on calendar.date_day between bounds.first_date and bounds.last_date
