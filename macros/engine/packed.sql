{#- Columns of text that are always read together, kept as one: a text less to write and to sort for
    each of them. A missing value and an empty one are the same, null when they are read. The
    separator is a control character; one that stands in a value is left out of it. -#}

{% macro packed(columns) -%}
    {#- The text of a row's `columns`. Why a macro: engines join texts with nulls among them each in
        their own way. -#}
    {{ return(adapter.dispatch('packed')(columns)) }}
{%- endmacro %}

{% macro default__packed(columns) -%}
    {%- set separator = 'chr(31)' -%}
    {%- set cleaned = [] -%}
    {%- for column in columns -%}
        {%- do cleaned.append('replace(' ~ column ~ ', ' ~ separator ~ ", '')") -%}
    {%- endfor -%}
    case
            when
                {% for column in columns -%}
                contains({{ column }}, {{ separator }})
                {%- if not loop.last %}
                or {% endif -%}
                {%- endfor %}
                then concat({{ cleaned | join(', ' ~ separator ~ ', ') }})
            else concat({{ columns | join(', ' ~ separator ~ ', ') }})
        end
{%- endmacro %}

{% macro spark__packed(columns) -%}
    {%- set cleaned = [] -%}
    {%- for column in columns -%}
        {%- do cleaned.append('replace(' ~ column ~ ", chr(31), '')") -%}
    {%- endfor -%}
    array_join(array({{ cleaned | join(', ') }}), chr(31), '')
{%- endmacro %}

{% macro parts_of(text) -%}
    {#- The list of a packed text's values. Why a macro: engines split texts each in their own
        way. -#}
    {{ return(adapter.dispatch('parts_of')(text)) }}
{%- endmacro %}

{% macro default__parts_of(text) -%}
    string_split({{ text }}, chr(31))
{%- endmacro %}

{% macro spark__parts_of(text) -%}
    split({{ text }}, chr(31))
{%- endmacro %}

{% macro unpacked(parts, columns) -%}
    {#- The columns that `packed(columns)` was made of, from the list of its parts. -#}
    {%- for column in columns %}
        nullif({{ list_item(parts, loop.index) }}, '') as {{ column }}
        {%- if not loop.last %},{% endif -%}
    {%- endfor %}
{%- endmacro %}

{% macro list_item(list, position) -%}
    {#- The item of a list at a position, from 1 on; null beyond its end. Why a macro: engines count
        from 0 or from 1, and some fail beyond the end. -#}
    {{ return(adapter.dispatch('list_item')(list, position)) }}
{%- endmacro %}

{% macro default__list_item(list, position) -%}
    {{ list }}[{{ position }}]
{%- endmacro %}

{% macro spark__list_item(list, position) -%}
    get({{ list }}, {{ position - 1 }})
{%- endmacro %}
