{% macro attribution_models() -%}
    {#- A query of the names of the attribution models. -#}
    {%- for name in [
        'first', 'last', 'last_non_direct', 'linear', 'position', 'time_decay', 'markov', 'shapley'
    ] %}
    select '{{ name }}' as attribution_model{{ ' union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
