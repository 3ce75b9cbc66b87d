-- What landing noted of each export: files landed before it did so have no rows.

with

exported as (
    {{ landed_columns() }}
)

select
    source_name,
    table_name,
    source_file,
    loaded_at,
    column_name,
    kind
from exported
