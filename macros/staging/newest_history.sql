{% macro newest_history(source_name, table_name, key, updated_at) -%}
    {#- A query of the newest row per key of a raw table that holds every version of a thing: the
        one that was updated last, then the one that was landed last. -#}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by
                    {{ to_utc(updated_at) }} desc nulls last,
                    _loaded_at desc,
                    _source_file desc,
                    _source_row desc
            ) as version_rank
        from {{ landed(source_name, table_name) }} as landed_versions
        where trim({{ key }}) <> ''
    ) as versions
    where version_rank = 1
{%- endmacro %}
