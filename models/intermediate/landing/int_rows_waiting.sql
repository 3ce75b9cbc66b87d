-- Judged anew by every build, as it hangs on other rows: an order line waits for its order, and
-- what an adapter gives may wait for other exports of its system.
{%- for source_name, table_name, keys in tables_of_rows() %}
-- depends_on: {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
{%- endfor %}

with

lines as (
    {{ latest_rows('stg_shop__order_lines', ['order_line_id']) }}
),

-- Found without their JSON, which is long: it is made of these alone.
orphans as (
    select
        lines.order_line_id,
        lines._source_file,
        lines._source_row
    from lines
        left join {{ ref('int_orders_latest') }} as orders
            on lines.order_id = orders.order_id
    where orders.order_id is null
)

select
    lines._source_table as source_table,
    lines._source_file as source_file,
    lines._source_row as source_row,
    lines._loaded_at as loaded_at,
    lines.order_line_id as row_key,
    'order_id has no order' as reason,
    {{ tidy_json('lines.raw_row') }} as raw
from {{ ref('stg_shop__order_lines') }} as lines
    inner join orphans
        on
            lines._source_file = orphans._source_file
            and lines._source_row = orphans._source_row
            and lines.order_line_id = orphans.order_line_id
{%- for source_name, table_name, keys in tables_of_rows() if adapters_of(table_name) %}
union all
{{ rejected_rows(source_name, table_name, keys, [
    source_table_of(source_name, table_name) ~ " <> '" ~ source_name ~ '.' ~ table_name ~ "'"
]) }}
{%- endfor %}
