with

raw as (
    select * from {{ landed('shop', 'customers') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        customer_id,
        created_at,
        email,
        phone,
        country,
        region,
        birth_year,
        gender,
        age_bracket,
        income_bracket,
        household_size,
        accepts_marketing,
        deleted_at,
        'shop.customers' as _source_table,
        {{ row_as_json('raw', withheld=['email', 'phone']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('customers') }}
),

typed as (
    select
        nullif(customer_id, '') as customer_id,
        {{ to_utc('created_at') }} as created_at,
        {{ email_hash('email') }} as email_hash,
        {{ phone_hash('phone') }} as phone_hash,
        nullif(country, '') as country,
        nullif(region, '') as region,
        {{ whole_number('birth_year') }} as birth_year,
        nullif(gender, '') as gender,
        nullif(age_bracket, '') as age_bracket,
        nullif(income_bracket, '') as income_bracket,
        nullif(household_size, '') as household_size,
        {{ true_or_false('accepts_marketing') }} as accepts_marketing,
        {{ to_utc('deleted_at') }} as deleted_at,
        {{ rejection_reason(['shop', 'customers'], [
            (known_customer('customer_id') ~ ' is null', 'customer_id stands for a guest'),
        ]) }} as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
