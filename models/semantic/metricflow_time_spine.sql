-- A fixed range, wide enough for any shop: a view of it costs nothing, and it reads no clock.
-- 36,524 days from 1990-01-01 end with 2089-12-31.

with

days as (
    {{ number_series(36523) }}
)

select cast({{ dbt.dateadd('day', 'number', "cast('1990-01-01' as date)") }} as date) as date_day
from days
