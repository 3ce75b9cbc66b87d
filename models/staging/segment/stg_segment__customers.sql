{%- set traits = ['created_at', 'email', 'phone', 'country', 'region', 'birthday', 'gender'] %}

with

raw as (
    select * from {{ landed('segment', 'events') }}
),

messages as (
    select
        messageid,
        nullif(trim(userid), '') as customer_id,
        {{ to_utc('timestamp') }} as happened_at,
        {{ parsed_once(json_fields('traits', {
            'createdAt': 'text', 'email': 'text', 'phone': 'text', 'birthday': 'text',
            'gender': 'text', 'address': {'country': 'text', 'state': 'text'},
        })) }} as traits,
        {{ row_as_json('raw', withheld=['context', 'traits']) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    where type = 'identify'
),

said as (
    select
        *,
        nullif({{ field_of('traits', 'createdAt') }}, '') as created_at,
        nullif({{ field_of('traits', 'email') }}, '') as email,
        nullif({{ field_of('traits', 'phone') }}, '') as phone,
        nullif({{ field_of('traits', 'address.country') }}, '') as country,
        nullif({{ field_of('traits', 'address.state') }}, '') as region,
        nullif({{ field_of('traits', 'birthday') }}, '') as birthday,
        nullif({{ field_of('traits', 'gender') }}, '') as gender
    from messages
),

-- A message says what is new, and not what was said before.
known as (
    select
        {%- for trait in traits %}
        {{ last_not_null(trait) }} over oldest_first as {{ trait }},
        {%- endfor %}
        customer_id,
        raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from said
    window oldest_first as (
        partition by coalesce(customer_id, concat('message ', messageid))
        order by happened_at nulls first, _loaded_at, _source_file, _source_row
        rows between unbounded preceding and unbounded following
    )
)

select
    customer_id,
    created_at,
    email,
    phone,
    country,
    region,
    case when birthday like '____-%' then left(birthday, 4) end as birth_year,
    gender,
    cast(null as {{ dbt.type_string() }}) as age_bracket,
    cast(null as {{ dbt.type_string() }}) as income_bracket,
    cast(null as {{ dbt.type_string() }}) as household_size,
    cast(null as {{ dbt.type_string() }}) as accepts_marketing,
    cast(null as {{ dbt.type_string() }}) as deleted_at,
    'segment.events' as _source_table,
    raw_row,
    _loaded_at,
    _source_file,
    _source_row
from known
