-- Every landed version of a variant tells its price from its last change on. Shopify keeps no
-- history: prices between two exports are not known. A variant changes with its stock, too; what
-- counts is the first version of each price.

with

dated as (
    select
        *,
        {{ to_utc('changed_at') }} as changed_at_utc
    from {{ ref('stg_shopify__variants') }}
),

compared as (
    select
        *,
        concat_ws('|', coalesce(price, ''), coalesce(compare_at_price, '')) as price_tag,
        lag(concat_ws('|', coalesce(price, ''), coalesce(compare_at_price, ''))) over (
            partition by variant_id
            order by changed_at_utc, _loaded_at, _source_file, _source_row
        ) as previous_tag
    from dated
)

select
    variant_id,
    changed_at as valid_from,
    price,
    compare_at_price,
    cast(null as {{ dbt.type_string() }}) as currency,
    cast(null as {{ dbt.type_string() }}) as competitor_price,
    _source_table,
    raw_row,
    _loaded_at,
    _source_file,
    _source_row
from compared
where coalesce(trim(price), '') <> '' and price_tag is distinct from previous_tag
