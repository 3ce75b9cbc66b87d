-- The floor: the event files as they are, once through DuckDB into a table.
create table events as
select * from read_parquet(getvariable('events'), union_by_name = true);
