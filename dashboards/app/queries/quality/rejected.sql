-- Rows loaded since the start of the period: what it holds may have been landed after its end.
select
    source_table,
    reason,
    count(*) as rows_rejected,
    max(loaded_at) as last_loaded_at,
    max_by(row_key, (loaded_at, source_file, source_row)) as example_row_key,
    max_by(source_file, (loaded_at, source_file, source_row)) as example_file,
    max_by(source_row, (loaded_at, source_file, source_row)) as example_row
from fct_rejected_rows
where loaded_at >= $start
group by source_table, reason
order by rows_rejected desc, source_table asc, reason asc
limit 300
