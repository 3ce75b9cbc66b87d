{% macro json_items(column, fields) -%}
    {#- A JSON list of products as the items of the contract, JSON too; null for none. `fields` says
        which of the product's fields, the first that is there, become which of the item's. Why a
        macro: engines transform lists each in their own way. -#}
    {{ return(adapter.dispatch('json_items')(column, fields)) }}
{%- endmacro %}

{% macro default__json_items(column, fields) -%}
    {%- set structure = {} -%}
    {%- set parts = [] -%}
    {%- for item_field, product_fields in fields.items() -%}
        {%- for field in product_fields -%}
            {%- do structure.update({field: 'text'}) -%}
        {%- endfor -%}
        {%- do parts.append(
            item_field ~ ' := coalesce(given_product.' ~ product_fields | join(', given_product.') ~ ')'
        ) -%}
    {%- endfor -%}
    nullif(nullif(cast(to_json(list_transform(
        {{ json_fields(column, [structure]) }},
        lambda given_product: struct_pack({{ parts | join(', ') }})
    )) as {{ dbt.type_string() }}), '[]'), 'null')
{%- endmacro %}

{% macro spark__json_items(column, fields) -%}
    {%- set structure = {} -%}
    {%- set parts = [] -%}
    {%- for item_field, product_fields in fields.items() -%}
        {%- for field in product_fields -%}
            {%- do structure.update({field: 'text'}) -%}
        {%- endfor -%}
        {%- do parts.append(
            "'" ~ item_field ~ "', coalesce(given_product." ~ product_fields | join(', given_product.') ~ ')'
        ) -%}
    {%- endfor -%}
    nullif(to_json(transform(
        {{ json_fields(column, [structure]) }},
        given_product -> named_struct({{ parts | join(', ') }})
    ), map('ignoreNullFields', 'false')), '[]')
{%- endmacro %}

{% macro items_value(items) -%}
    {#- What the items of an event are worth, as text: prices times units (1 where none are given),
        exact; null where an item has no price. Why a macro: engines sum lists each in their own
        way. -#}
    {{ return(adapter.dispatch('items_value')(items)) }}
{%- endmacro %}

{% macro default__items_value(items) -%}
    {%- set values -%}
        list_transform(
            {{ json_fields(items, [{'price': 'text', 'quantity': 'text'}]) }},
            lambda given_item: try_cast(given_item.price as decimal(18, 4))
            * coalesce({{ whole_number('given_item.quantity') }}, 1)
        )
    {%- endset -%}
    case
            when len({{ values }}) = list_count({{ values }})
                then cast(list_sum({{ values }}) as {{ dbt.type_string() }})
        end
{%- endmacro %}

{% macro spark__items_value(items) -%}
    {%- set values -%}
        transform(
            {{ json_fields(items, [{'price': 'text', 'quantity': 'text'}]) }},
            given_item -> try_cast(given_item.price as decimal(18, 4))
            * coalesce({{ whole_number('given_item.quantity') }}, 1)
        )
    {%- endset -%}
    case
            when size({{ values }}) > 0 and not exists({{ values }}, value -> value is null)
                then cast(aggregate(
                    {{ values }}, cast(0 as decimal(38, 4)),
                    (total, value) -> cast(total + value as decimal(38, 4))
                ) as string)
        end
{%- endmacro %}

{% macro single_item(fields) -%}
    {#- A JSON list of one item, of columns by the names of the item's fields. Why a macro: engines
        make JSON each in their own way. -#}
    {{ return(adapter.dispatch('single_item')(fields)) }}
{%- endmacro %}

{% macro default__single_item(fields) -%}
    {%- set parts = [] -%}
    {%- for field, column in fields.items() -%}
        {%- do parts.append(field ~ ' := ' ~ column) -%}
    {%- endfor -%}
    cast(to_json([struct_pack({{ parts | join(', ') }})]) as {{ dbt.type_string() }})
{%- endmacro %}

{% macro spark__single_item(fields) -%}
    {%- set parts = [] -%}
    {%- for field, column in fields.items() -%}
        {%- do parts.append("'" ~ field ~ "', " ~ column) -%}
    {%- endfor -%}
    to_json(array(named_struct({{ parts | join(', ') }})), map('ignoreNullFields', 'false'))
{%- endmacro %}
