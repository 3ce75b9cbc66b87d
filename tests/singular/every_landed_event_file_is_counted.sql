-- What came in is in the ledger, file by file; what the ledger rejected is in fct_rejected_rows;
-- and no day holds more events than rows that landed for it.
{%- set is_uncounted = is_event_table()
    ~ " and source_file <> '0_contract' and source_file not in (select source_file from "
    ~ ref('int_event_files_counted') ~ ')'
%}

with

sizes as (
    {{ landed_row_counts(is_uncounted) }}
),

counted as (
    select
        source_file,
        sum(rejected_row_count) as rejected_row_count
    from {{ ref('int_event_files_counted') }}
    group by source_file
),

rejected as (
    select
        source_file,
        count(*) as row_count
    from {{ ref('fct_rejected_rows') }}
    where source_file in (select counted.source_file from counted)
    group by source_file
)

select files.source_file as problem
from {{ ref('stg_landing__files') }} as files
    inner join sizes
        on files.path = sizes.path
-- An erasure may leave no row of a file.
where files.source_file <> '0_contract' and sizes.row_count > 0
union all
select counted.source_file as problem
from counted
    left join rejected
        on counted.source_file = rejected.source_file
where counted.rejected_row_count <> coalesce(rejected.row_count, 0)
union all
select cast(report_date as {{ dbt.type_string() }}) as problem
from {{ ref('rpt_data_quality_daily') }}
where duplicate_events < 0
