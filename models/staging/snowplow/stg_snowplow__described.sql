-- Parquet has a column per entity and self-describing event, the enriched TSV one for all of them.
{%- set ecommerce = 'com_snowplowanalytics_snowplow_ecommerce_' %}
{%- set own_columns = {
    'product': ecommerce ~ 'product_1',
    'cart': ecommerce ~ 'cart_1',
    'transaction': ecommerce ~ 'transaction_1',
    'refund': ecommerce ~ 'refund_1',
    'checkout_step': ecommerce ~ 'checkout_step_1',
    'screen_summary': 'com_snowplowanalytics_mobile_screen_summary_1',
    'consent_preferences': 'com_snowplowanalytics_snowplow_consent_preferences_1',
} %}
{%- set schemas = {
    'product': 'snowplow.ecommerce/product',
    'cart': 'snowplow.ecommerce/cart',
    'transaction': 'snowplow.ecommerce/transaction',
    'refund': 'snowplow.ecommerce/refund',
    'checkout_step': 'snowplow.ecommerce/checkout_step',
    'screen_summary': 'com.snowplowanalytics.mobile/screen_summary',
    'consent_preferences': 'com.snowplowanalytics.snowplow/consent_preferences',
} %}
{%- set self_describing = [
    ecommerce ~ 'snowplow_ecommerce_action_1',
    'com_snowplowanalytics_snowplow_site_search_1',
    'com_snowplowanalytics_snowplow_consent_preferences_1',
] %}

with

raw as (
    select * from {{ landed('snowplow', 'events') }}
),

parsed as (
    select
        *,
        {{ parsed_once(json_fields('contexts', entity_fields())) }} as entities,
        {{ parsed_once(json_fields('derived_contexts', entity_fields())) }} as derived_entities,
        {{ parsed_once(json_fields('unstruct_event', {'data': {'data': 'json'}})) }}
            as self_described,
        {{ row_as_struct('raw') }} as raw_fields
    from raw
),

described as (
    select
        *,
        coalesce(
            {%- for column in self_describing %}
            unstruct_event_{{ column }},
            {%- endfor %}
            {{ field_of('self_described', 'data.data') }}
        ) as event_data,
        {%- for entity, column in own_columns.items() %}
        {{ parsed_once(
            "coalesce(contexts_" ~ column ~ ", " ~ entities_of('entities', schemas[entity]) ~ ")"
        ) }} as {{ entity }}_entities,
        {%- endfor %}
        {{ parsed_once(
            "coalesce(contexts_nl_basjes_yauaa_context_1, "
            ~ entities_of('derived_entities', 'nl.basjes/yauaa_context') ~ ")"
        ) }} as agent_entities
    from parsed
)

select * from described
