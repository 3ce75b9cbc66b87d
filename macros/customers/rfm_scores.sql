{% macro rfm_scores(within=none) -%}
    {#- Three columns: quintiles of recency_days, order_days and net_sales by rank, 5 for the best,
        of all rows or of those with the same `within`. Equal customers are told apart by their id,
        so that scores never depend on the order of rows. -#}
    {%- set partition = 'partition by ' ~ within ~ ' ' if within else '' -%}
    cast(ntile(5) over ({{ partition }}order by recency_days desc, customer_id asc) as bigint) as r_score,
    cast(ntile(5) over ({{ partition }}order by order_days, customer_id) as bigint) as f_score,
    cast(ntile(5) over ({{ partition }}order by net_sales, customer_id) as bigint) as m_score
{%- endmacro %}
