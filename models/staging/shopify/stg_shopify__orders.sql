-- The versions of all shapes that orders come in; the contract takes the newest of each order.

with

versions as (
    select * from {{ ref('stg_shopify__api_orders') }}
    union all
    select * from {{ ref('stg_shopify__loaded_orders') }}
    union all
    select * from {{ ref('stg_shopify__exported_orders') }}
)

select * from versions
