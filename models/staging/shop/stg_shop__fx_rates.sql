with

landed as (
    select * from {{ landed('shop', 'fx_rates') }}
),

typed as (
    select
        {{ as_day('rate_date') }} as rate_date,
        nullif(currency, '') as currency,
        try_cast(rate as decimal(18, 8)) as rate,
        {{ rejection_reason(['shop', 'fx_rates'], rules=[
            ("try_cast(rate as decimal(18, 4)) <= 0", 'rate is not above 0'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
