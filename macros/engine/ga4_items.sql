{% macro ga4_items(column) -%}
    {#- The items of an event of GA4's export, a JSON list, as the contract's JSON list; null where
        there are none, and the text as it came where it is no such list. A discount is a parameter
        of the item. Why a macro: engines read and write JSON each in their own way. -#}
    {{ return(adapter.dispatch('ga4_items')(column)) }}
{%- endmacro %}

{% macro default__ga4_items(column) -%}
    {%- set fields = [
        'item_id', 'item_name', 'item_category', 'price', 'quantity', 'item_list_name',
        'item_params',
    ] -%}
    case
            when {{ column }} = '[]' then null
            else coalesce(
                cast(try_cast(list_transform(
                    {{ json_objects(column, fields) }},
                    lambda item: struct_pack(
                        item_id := nullif(item.item_id, '(not set)'),
                        item_name := nullif(item.item_name, '(not set)'),
                        item_category := nullif(item.item_category, '(not set)'),
                        price := cast(try_cast(item.price as double) as varchar),
                        quantity := item.quantity,
                        discount := {{ value_of_key(keyed_values('item.item_params'), 'discount') }},
                        list_name := nullif(item.item_list_name, '(not set)')
                    )
                ) as json) as varchar),
                {{ column }}
            )
        end
{%- endmacro %}

{% macro spark__ga4_items(column) -%}
    {%- set fields = [
        'item_id', 'item_name', 'item_category', 'price', 'quantity', 'item_list_name',
        'item_params',
    ] -%}
    case
            when {{ column }} = '[]' then null
            else coalesce(
                to_json(transform(
                    {{ json_objects(column, fields) }},
                    item -> named_struct(
                        'item_id', nullif(item.item_id, '(not set)'),
                        'item_name', nullif(item.item_name, '(not set)'),
                        'item_category', nullif(item.item_category, '(not set)'),
                        'price', {{ spark_number_text('try_cast(item.price as double)') }},
                        'quantity', item.quantity,
                        'discount', {{ value_of_key(keyed_values('item.item_params'), 'discount') }},
                        'list_name', nullif(item.item_list_name, '(not set)')
                    )
                ), map('ignoreNullFields', 'false')),
                {{ column }}
            )
        end
{%- endmacro %}
