-- Every landed version of a variant tells its price from its last change on. Shopify keeps no
-- history: prices between two exports are not known.
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
from {{ ref('stg_shopify__variants') }}
where coalesce(trim(price), '') <> ''
