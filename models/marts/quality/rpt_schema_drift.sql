-- Files are in the order of their loads, then of their names: a change says how a file differs from
-- those before it, in whatever order they were landed.
{%- set window_files = var('drift_window_files') | int(3) %}

with

columns as (
    select *
    from {{ ref('int_file_columns') }}
    where column_name is not null
),

landed as (
    select distinct
        source_table,
        source_file,
        loaded_at
    from columns
),

files as (
    select
        *,
        row_number() over (
            partition by source_table order by loaded_at, source_file
        ) as file_number
    from landed
),

placed as (
    select
        columns.source_table,
        columns.column_name,
        columns.kind,
        files.source_file,
        files.loaded_at,
        files.file_number,
        count(*) over (
            partition by columns.source_table, columns.column_name
            order by files.file_number
            range between {{ window_files - 1 }} preceding and current row
        ) as recent_files,
        {{ last_not_null('columns.kind') }} over (
            partition by columns.source_table, columns.column_name
            order by files.file_number
            rows between unbounded preceding and current row
        ) as last_kind
    from columns
        inner join files
            on
                columns.source_table = files.source_table
                and columns.source_file = files.source_file
),

compared as (
    select
        *,
        lag(file_number) over seen as file_number_before,
        lead(file_number) over seen as file_number_after,
        lag(last_kind) over seen as kind_before
    from placed
    window seen as (
        partition by source_table, column_name order by file_number
    )
),

appeared as (
    select
        *,
        case
            when coalesce(file_number_before, 0) = 0 then 'new'
            when file_number - file_number_before > {{ window_files }} then 'new'
            when kind <> kind_before then 'changed_type'
        end as change_kind
    from compared
    where file_number > 1
)

select
    source_table,
    column_name,
    source_file,
    loaded_at,
    change_kind,
    case when change_kind = 'changed_type' then kind_before end as kind_before,
    kind as kind_after
from appeared
where change_kind is not null
union all
select
    files.source_table,
    compared.column_name,
    files.source_file,
    files.loaded_at,
    'vanished' as change_kind,
    compared.last_kind as kind_before,
    cast(null as {{ dbt.type_string() }}) as kind_after
from compared
    inner join files
        on
            compared.source_table = files.source_table
            and compared.file_number + 1 = files.file_number
where
    coalesce(compared.file_number_after, 0) <> compared.file_number + 1
    and compared.recent_files = least(compared.file_number, {{ window_files }})
