{% test primary_key(model, columns) %}
{#- Fails for every key that occurs twice or has a null part: both in one scan, for keys of one column
    or of several. -#}

select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ rows_to_test(model, columns) }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
