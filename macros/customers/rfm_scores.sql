{% macro rfm_scores(within=none) -%}
    {#- Three columns: quintiles of recency_days, order_days and net_sales by rank, 5 for the best,
        of all rows or of those with the same `within`. Equal customers are told apart by their id,
        so that scores never depend on the order of rows. -#}
    {%- set partition = 'partition by ' ~ within ~ ' ' if within else '' -%}
    ntile(5) over ({{ partition }}order by recency_days desc, customer_id asc) as r_score,
    ntile(5) over ({{ partition }}order by order_days, customer_id) as f_score,
    ntile(5) over ({{ partition }}order by net_sales, customer_id) as m_score
{%- endmacro %}
