-- Rows in = rows out + rejected + superseded copies, for every table of the shop that feeds a mart.
-- An order line whose order is missing is a rejected row too.
{%- set raw_tables = [
    ('orders', 'order_id', 'fct_orders'),
    ('order_lines', 'order_line_id', 'fct_order_lines'),
    ('refunds', 'refund_line_id', 'fct_refunds'),
] %}

with

rejected as (
    select
        source_table,
        count(*) as row_count
    from {{ ref('fct_rejected_rows') }}
    group by source_table
),

{%- for table_name, key, mart in raw_tables %}

{{ table_name }} as (
    select
        'shop.{{ table_name }}' as source_table,
        count(*) as rows_in,
        count(*) - count(rejection_reason)
        - count(distinct case when rejection_reason is null then {{ key }} end) as superseded,
        (select count(*) from {{ ref(mart) }}) as rows_out
    from {{ ref('stg_shop__' ~ table_name) }}
),
{%- endfor %}

accounted as (
    {%- for table_name, key, mart in raw_tables %}
    select * from {{ table_name }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    accounted.source_table,
    accounted.rows_in,
    accounted.rows_out,
    accounted.superseded,
    coalesce(rejected.row_count, 0) as rejected
from accounted
    left join rejected
        on accounted.source_table = rejected.source_table
where
    accounted.rows_in
    <> accounted.rows_out + accounted.superseded + coalesce(rejected.row_count, 0)
