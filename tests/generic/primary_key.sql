{% test primary_key(model, columns) %}
{#- Fails for every key that occurs twice or has a null part, of one column or of several. Of a large
    table only keys are grouped whose narrow hash occurs twice: next to none. -#}
{%- set rows = rows_to_test(model, columns) -%}
{%- set key = columns | join(', ') -%}
{%- set is_large = execute and '(' not in rows | string and is_redone(node_of(model.identifier)) -%}

select
    {{ key }},
    count(*) as row_count
from {{ rows }}
{%- if is_large %}
where
    {{ hash64(key) }} in (
        select {{ hash64(key) }} from {{ model }} group by {{ hash64(key) }} having count(*) > 1
    )
    or {{ columns | join(' is null or ') }} is null
{%- endif %}
group by {{ key }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null

{% endtest %}
