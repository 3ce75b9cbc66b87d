-- Rows in = rows out + rejected + superseded copies, for every table of the shop that feeds a mart:
-- each usable row is in its mart under its key, or waits in fct_rejected_rows for its order; each
-- row that cannot be used is in fct_rejected_rows. Those are counted by raw table, because one
-- export may feed several tables of the contract.
{%- set contract_tables = [
    ('orders', 'order_id', 'fct_orders'),
    ('order_lines', 'order_line_id', 'fct_order_lines'),
    ('refunds', 'refund_line_id', 'fct_refunds'),
] %}

with

staged as (
    {%- for table_name, key, mart in contract_tables %}
    select
        '{{ table_name }}' as table_name,
        {{ key }} as row_key,
        _source_table as source_table,
        rejection_reason
    from {{ ref('stg_shop__' ~ table_name) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

rejected as (
    select
        source_table,
        row_key,
        reason = 'order_id has no order' as is_waiting
    from {{ ref('fct_rejected_rows') }}
    where source_table in (select staged.source_table from staged)
),

used as (
    {%- for table_name, key, mart in contract_tables %}
    select
        '{{ table_name }}' as table_name,
        {{ key }} as row_key
    from {{ ref(mart) }}
    union all
    {%- endfor %}
    select
        'order_lines' as table_name,
        row_key
    from rejected
    where is_waiting
),

usable as (
    select distinct
        table_name,
        row_key
    from staged
    where rejection_reason is null
),

unusable as (
    select
        source_table,
        count(*) as row_count
    from staged
    where rejection_reason is not null
    group by source_table
),

kept as (
    select
        source_table,
        count(*) as row_count
    from rejected
    where not is_waiting
    group by source_table
)

select
    coalesce(usable.table_name, used.table_name) as what,
    count(usable.row_key) as rows_in,
    count(used.row_key) as rows_out
from usable
    full outer join used
        on
            usable.table_name = used.table_name
            and usable.row_key = used.row_key
where usable.row_key is null or used.row_key is null
group by coalesce(usable.table_name, used.table_name)
union all
select
    coalesce(unusable.source_table, kept.source_table) as what,
    unusable.row_count as rows_in,
    kept.row_count as rows_out
from unusable
    full outer join kept
        on unusable.source_table = kept.source_table
where unusable.row_count is distinct from kept.row_count
