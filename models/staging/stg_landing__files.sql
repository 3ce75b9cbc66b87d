{{ config(materialized='table') }}

-- The first model of a build: what lands later waits for the next build.
with

paths as (
    {{ landed_paths() }}
),

files as (
    select
        path,
        {{ dbt.split_part('path', "'/'", -3) }} as source_name,
        {{ dbt.split_part('path', "'/'", -2) }} as table_name,
        regexp_replace({{ dbt.split_part('path', "'/'", -1) }}, '[.]parquet$', '') as source_file
    from paths
)

select * from files
