-- One row per moment that recommendations are made at. The same models make today's and those of
-- four weeks ago, which the orders since then judge.
{%- set test_days = 28 %}

select
    'now' as cutoff_kind,
    as_of_at as cutoff_at,
    as_of_at
from {{ ref('int_as_of') }}
where as_of_at is not null
union all
select
    'backtest' as cutoff_kind,
    {{ dbt.dateadd('day', -test_days, 'as_of_at') }} as cutoff_at,
    as_of_at
from {{ ref('int_as_of') }}
where as_of_at is not null
