{% macro known_customer(column) -%}
    {#- SQL: the id of a customer; null where it stands for nobody, as shops write for guests (var
        guest_customer_ids): as one customer all guests would be the shop's best. Compared one by
        one: of a longer list DuckDB makes a join, also for who does not ask for the column. -#}
    case
        when
            lower(trim({{ column }})) <> ''
            {%- for guest_id in var('guest_customer_ids') or [] %}
            and lower(trim({{ column }})) <> '{{ guest_id | replace("'", "''") }}'
            {%- endfor %}
            then {{ column }}
    end
{%- endmacro %}
