-- Grain: variant, the newest version; then rows without an id, which cannot be used.

with

ranked as (
    select
        *,
        row_number() over (
            partition by variant_id
            order by
                {{ to_utc('updated_at') }} desc nulls last,
                _loaded_at desc,
                _source_file desc,
                _source_row desc
        ) as version_rank
    from {{ ref('stg_shopify__variants') }}
)

select * from ranked
where version_rank = 1 or coalesce(trim(variant_id), '') = ''
