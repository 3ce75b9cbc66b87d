-- What came in is in the ledger, file by file; what the ledger rejected is in fct_rejected_rows;
-- and no day holds more events than rows that landed for it.
with

sizes as (
    {{ landed_row_counts() }}
),

landed as (
    select files.source_file
    from {{ ref('stg_landing__files') }} as files
        inner join sizes
            on files.path = sizes.path
    where
        {{ is_event_table() }}
        and files.source_file <> '0_contract'
        -- An erasure may leave no row of a file.
        and sizes.row_count > 0
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

select landed.source_file as problem
from landed
    left join counted
        on landed.source_file = counted.source_file
    left join rejected
        on landed.source_file = rejected.source_file
where coalesce(counted.rejected_row_count, -1) <> coalesce(rejected.row_count, 0)
union all
select cast(report_date as {{ dbt.type_string() }}) as problem
from {{ ref('rpt_data_quality_daily') }}
where duplicate_events < 0
