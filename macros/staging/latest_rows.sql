{% macro latest_rows(staging_model, keys, newest='_loaded_at') -%}
    {#- A query of the good rows of a staged table, one per key: the newest version by `newest`,
        then by load, then by position. -#}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ keys | join(', ') }}
                order by
                    {{ newest }} desc nulls last,
                    _loaded_at desc,
                    _source_file desc,
                    _source_row desc
            ) as version_rank
        from {{ ref(staging_model) }}
        where rejection_reason is null
    ) as versions
    where version_rank = 1
{%- endmacro %}
