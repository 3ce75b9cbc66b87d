{% macro exploded_items(relation, columns) -%}
    {#- A query with one row per item of an event's items, beside the given columns of the event. -#}
    select
        {{ columns | join(',\n        ') }},
        nullif(item.item_id, '') as item_id,
        nullif(item.item_name, '') as item_name,
        nullif(item.item_category, '') as item_category,
        try_cast(item.price as decimal(18, 4)) as price,
        coalesce({{ whole_number('item.quantity') }}, 1) as quantity
    from (
        select
            {{ columns | join(',\n            ') }},
            {{ item_per_row('items') }} as item
        from {{ relation }}
        where items is not null
    ) as unnested
{%- endmacro %}

{% macro item_per_row(items) -%}
    {#- The items of the contract's JSON list, each in a row of its own. Why a macro: engines read JSON
        and unnest lists each in their own way. -#}
    {{ return(adapter.dispatch('item_per_row')(items)) }}
{%- endmacro %}

{% macro default__item_per_row(items) -%}
    unnest(from_json({{ items }}, '[{
                "item_id": "VARCHAR", "item_name": "VARCHAR", "item_category": "VARCHAR",
                "price": "VARCHAR", "quantity": "VARCHAR"
            }]'))
{%- endmacro %}

{% macro spark__item_per_row(items) -%}
    explode(from_json({{ spark_if_list(items) }}, 'array<struct<
                item_id: string, item_name: string, item_category: string, price: string,
                quantity: string
            >>'))
{%- endmacro %}
