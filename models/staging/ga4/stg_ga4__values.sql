-- Nested values are read here, once per row, and only those that a query asks for.
with

exports as (
    select * from {{ ref('stg_ga4__exports') }}
),

parsed as (
    select
        *,
        {{ keyed_values('event_params') }} as parameters,
        {{ json_object('privacy_info', ['analytics_storage', 'ads_storage']) }} as privacy,
        {{ json_object('geo', ['country', 'region', 'city']) }} as place,
        {{ json_object('ecommerce', ['transaction_id', 'purchase_revenue', 'refund_value']) }}
            as commerce,
        {{ json_object('device', [
            'category', 'operating_system', 'language', 'browser', ['web_info', ['browser']],
        ]) }} as machine,
        {{ json_object('collected_traffic_source', [
            'manual_source', 'manual_medium', 'manual_campaign_name', 'manual_term',
            'manual_content', 'gclid',
        ]) }} as collected,
        {{ ga4_items('items') }} as item_list
    from exports
),

read as (
    select
        *,
        {{ value_of_key('parameters', 'page_location') }} as page_location,
        lower(trim({{ field_of('place', 'country') }})) as country_key
    from parsed
)

select * from read
