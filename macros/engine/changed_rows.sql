{% macro changed_rows(relation, leaving, entering, columns) -%}
    {#- SQL: the rows of a table that meet a condition, which is never null, leave it, and those of
        another relation enter it, or none if it is none. Why a macro: Spark cannot delete rows of
        Parquet files, and has no transactions. -#}
    {{ return(adapter.dispatch('changed_rows')(relation, leaving, entering, columns)) }}
{%- endmacro %}

{% macro default__changed_rows(relation, leaving, entering, columns) -%}
    delete from {{ relation }}
    where {{ leaving }};

    {%- if entering %}
    insert into {{ relation }} ({{ columns }})
    select {{ columns }} from {{ entering }};
    {%- endif %}
{%- endmacro %}

{% macro spark__changed_rows(relation, leaving, entering, columns) -%}
    {{ return(spark_rows_changed(relation, 'not (' ~ leaving ~ ')', entering, columns)) }}
{%- endmacro %}

{% macro spark_rows_changed(relation, staying, entering, columns) -%}
    {#- The table is written anew beside the old one, whose place it then takes; lake formats delete. -#}
    {%- if spark_file_format() != 'parquet' -%}
        {{ return(default__changed_rows(relation, 'not (' ~ staying ~ ')', entering, columns)) }}
    {%- endif -%}
    drop table if exists {{ relation }}__next;

    create table {{ relation }}__next using parquet as
    select {{ columns }} from {{ relation }}
    where {{ staying }}
    {%- if entering %}
    union all
    select {{ columns }} from {{ entering }}
    {%- endif %};

    {{ spark_table_swapped(relation) }}
{%- endmacro %}

{% macro spark_table_swapped(relation) -%}
    {#- What was written beside a table takes its place; the adapter lets nobody look in between. -#}
    drop table if exists {{ relation }};

    alter table {{ relation }}__next rename to {{ relation }};
{%- endmacro %}
