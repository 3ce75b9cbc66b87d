{%- set networks = {
    'gclid': "'google'", 'fbclid': "'facebook', 'meta'", 'msclkid': "'microsoft', 'bing'",
} %}
{%- set agent = 'agent_entities' %}

with

actions as (
    select
        *,
        lower(coalesce(
            {{ json_text(agent, '[0].deviceClass') }},
            {{ json_text(agent, '[0].device_class') }},
            dvce_type
        )) as device
    from {{ ref('stg_snowplow__actions') }}
)

select
    -- Another event with the same id has another fingerprint; a copy has the same.
    nullif(trim(event_id), '') || coalesce('-' || nullif(event_fingerprint, ''), '') as event_id,
    coalesce(nullif(derived_tstamp, ''), collector_tstamp) as event_at,
    action_name as event_name,
    -- The collector's cookie is all zeros where the tracker is told to stay anonymous.
    coalesce(
        nullif(domain_userid, ''),
        nullif(network_userid, '00000000-0000-0000-0000-000000000000')
    ) as visitor_id,
    user_id,
    domain_sessionid as session_key,
    page_url,
    page_referrer,
    page_title,
    mkt_source as utm_source,
    mkt_medium as utm_medium,
    mkt_campaign as utm_campaign,
    mkt_term as utm_term,
    mkt_content as utm_content,
    {%- for parameter, names in networks.items() %}
    coalesce(
        case when lower(mkt_network) in ({{ names }}) then nullif(mkt_clickid, '') end,
        {{ query_parameter('page_url', parameter) }}
    ) as {{ parameter }},
    {%- endfor %}
    case
        when device in ('computer', 'desktop') then 'desktop'
        when device in ('mobile', 'phone', 'mobile phone') then 'mobile'
        else device
    end as device_category,
    coalesce(
        {{ json_text(agent, '[0].operatingSystemName') }},
        {{ json_text(agent, '[0].operating_system_name') }},
        nullif(os_family, ''),
        os_name
    ) as operating_system,
    coalesce(
        {{ json_text(agent, '[0].agentName') }},
        {{ json_text(agent, '[0].agent_name') }},
        br_family
    ) as browser,
    useragent as user_agent,
    geo_country as country,
    geo_region_name as region,
    geo_city as city,
    br_lang as language,
    cast(null as {{ dbt.type_string() }}) as age_bracket,
    cast(null as {{ dbt.type_string() }}) as gender,
    engagement_ms,
    upper(coalesce(
        {{ json_text('transaction_entities', '[0].currency') }},
        {{ json_text('refund_entities', '[0].currency') }},
        {{ json_text('cart_entities', '[0].currency') }},
        {{ json_text('product_entities', '[0].currency') }},
        nullif(tr_currency, ''),
        ti_currency
    )) as currency,
    action_value as value,
    coalesce(
        {{ json_text('transaction_entities', '[0].transaction_id') }},
        {{ json_text('refund_entities', '[0].transaction_id') }},
        nullif(tr_orderid, ''),
        ti_orderid
    ) as transaction_id,
    coalesce(
        {{ json_text('transaction_entities', '[0].discount_code') }},
        {{ json_text('checkout_step_entities', '[0].coupon_code') }}
    ) as coupon,
    {{ json_text('cart_entities', '[0].cart_id') }} as cart_id,
    case
        when action_name = 'search'
            then
                replace(
                    replace(replace({{ json_text('event_data', 'terms') }}, '","', ' '), '["', ''),
                    '"]', ''
                )
    end as search_term,
    items,
    {%- for purpose in ['analytics', 'ads'] %}
    case
        when consent_type in ('allow_all', 'implicit_consent') then 'true'
        when consent_type in ('deny_all', 'withdrawn', 'expired') then 'false'
        when consent_type = 'pending' or consent_scopes is null then null
        when {{ matches('consent_scopes', "'" ~ consent_pattern(purpose) ~ "'") }} then 'true'
        else 'false'
    end as consent_{{ purpose }},
    {%- endfor %}
    'snowplow.events' as _source_table,
    {{ row_as_json('raw_fields', withheld=[
        'user_ipaddress', 'user_fingerprint', 'contexts', 'derived_contexts',
        'contexts_com_snowplowanalytics_snowplow_ecommerce_user_1',
    ]) }} as raw_row,
    cast(null as {{ dbt.type_string() }}) as _superseded_by,
    _loaded_at,
    _source_file,
    _source_row
from actions
