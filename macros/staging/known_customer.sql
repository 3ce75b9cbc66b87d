{% macro known_customer(column) -%}
    {#- SQL: the id of a customer; null where it stands for nobody, as shops write for guests (var
        guest_customer_ids): as one customer all guests would be the shop's best. -#}
    case
        when lower(trim({{ column }})) not in ({{ sql_list([''] + (var('guest_customer_ids') or [])) }})
            then {{ column }}
    end
{%- endmacro %}
