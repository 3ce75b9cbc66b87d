-- Grain: customer, the newest version; then rows without an id, which cannot be used.

with

resources as (
    select * from {{ landed('shopify', 'customers') }}
),

loaded as (
    select * from {{ landed('shopify', 'customer') }}
),

customers as (
    select
        id as customer_id,
        created_at,
        email,
        phone,
        {{ json_text('default_address', 'country_code') }} as country,
        {{ json_text('default_address', 'province') }} as region,
        coalesce(
            {{ json_text('email_marketing_consent', 'state') }} = 'subscribed',
            {{ true_or_false('accepts_marketing') }}
        ) as accepts_marketing,
        updated_at,
        'shopify.customers' as _source_table,
        {{ columns_as_json(['id', 'created_at', 'updated_at']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from resources
    union all
    select
        id as customer_id,
        created_at,
        email,
        phone,
        null as country,
        null as region,
        coalesce(
            nullif(email_marketing_consent_state, '') = 'subscribed',
            {{ true_or_false('accepts_marketing') }}
        ) as accepts_marketing,
        updated_at,
        'shopify.customer' as _source_table,
        {{ columns_as_json(['id', 'created_at', 'updated_at']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from loaded
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by
                {{ to_utc('updated_at') }} desc nulls last,
                _loaded_at desc,
                _source_file desc,
                _source_row desc
        ) as version_rank
    from customers
)

select
    customer_id,
    created_at,
    email,
    phone,
    country,
    region,
    cast(null as {{ dbt.type_string() }}) as birth_year,
    cast(null as {{ dbt.type_string() }}) as gender,
    cast(null as {{ dbt.type_string() }}) as age_bracket,
    cast(null as {{ dbt.type_string() }}) as income_bracket,
    cast(null as {{ dbt.type_string() }}) as household_size,
    cast(accepts_marketing as {{ dbt.type_string() }}) as accepts_marketing,
    cast(null as {{ dbt.type_string() }}) as deleted_at,
    _source_table,
    raw_row,
    _loaded_at,
    _source_file,
    _source_row
from ranked
where version_rank = 1 or coalesce(trim(customer_id), '') = ''
