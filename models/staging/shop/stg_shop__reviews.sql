with

landed as (
    select * from {{ landed('shop', 'reviews') }}
),

typed as (
    select
        nullif(review_id, '') as review_id,
        nullif(product_id, '') as product_id,
        {{ known_customer('customer_id') }} as customer_id,
        nullif(order_id, '') as order_id,
        {{ whole_number('rating') }} as rating,
        {{ to_utc('reviewed_at') }} as reviewed_at,
        {{ true_or_false('is_verified') }} as is_verified,
        {{ rejection_reason(['shop', 'reviews'], rules=[
            (whole_number('rating') ~ ' not between 1 and 5', 'rating is not between 1 and 5'),
        ]) }} as rejection_reason,
        {{ row_as_json('landed') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
