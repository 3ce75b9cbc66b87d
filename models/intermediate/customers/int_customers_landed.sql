{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['_source_table', '_source_file', '_source_row'],
    meta={'redone_by': ['_source_file'], 'read_from': 'shop.customers'}
) }}
-- Incremental because checking and hashing what all files tell of customers costs more than all
-- that is done with it.

select
    customer_id,
    created_at,
    email_hash,
    phone_hash,
    country,
    region,
    birth_year,
    gender,
    age_bracket,
    income_bracket,
    household_size,
    accepts_marketing,
    deleted_at,
    _source_table,
    _loaded_at,
    _source_file,
    _source_row
from {{ redone(ref('stg_shop__customers')) }}
where rejection_reason is null
