{% macro exploded_items(relation, columns) -%}
    {#- A query with one row per item of an event's items, beside the given columns of the event.
        Why a macro: engines read JSON and unnest lists each in their own way. -#}
    {{ return(adapter.dispatch('exploded_items')(relation, columns)) }}
{%- endmacro %}

{% macro default__exploded_items(relation, columns) -%}
    select
        {{ columns | join(',\n        ') }},
        nullif(item.item_id, '') as item_id,
        nullif(item.item_name, '') as item_name,
        nullif(item.item_category, '') as item_category,
        try_cast(item.price as decimal(18, 4)) as price,
        coalesce(try_cast(item.quantity as bigint), 1) as quantity
    from (
        select
            {{ columns | join(',\n            ') }},
            unnest(from_json(items, '[{
                "item_id": "VARCHAR", "item_name": "VARCHAR", "item_category": "VARCHAR",
                "price": "VARCHAR", "quantity": "VARCHAR"
            }]')) as item
        from {{ relation }}
        where items is not null
    ) as unnested
{%- endmacro %}

{% macro spark__exploded_items(relation, columns) -%}
    select
        {{ columns | join(',\n        ') }},
        nullif(item.item_id, '') as item_id,
        nullif(item.item_name, '') as item_name,
        nullif(item.item_category, '') as item_category,
        try_cast(item.price as decimal(18, 4)) as price,
        coalesce(try_cast(item.quantity as bigint), 1) as quantity
    from (
        select
            {{ columns | join(',\n            ') }},
            explode(from_json(items, 'array<struct<
                item_id: string, item_name: string, item_category: string, price: string,
                quantity: string
            >>')) as item
        from {{ relation }}
        where items is not null
    ) as unnested
{%- endmacro %}
