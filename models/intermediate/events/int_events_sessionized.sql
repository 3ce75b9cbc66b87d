{{ config(materialized='incremental', incremental_strategy='replace_days') }}
-- Incremental because events are the one large table: a build rewrites the touched days only.
{%- set attributes = [
    'event_at', 'event_name', 'user_id', 'page_path', 'page_host', 'referrer_host',
    'traffic_parameters',
    'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content',
    'gclid', 'fbclid', 'msclkid', 'device_category', 'operating_system', 'browser', 'user_agent',
    'country', 'region', 'city', 'language', 'age_bracket', 'gender', 'engagement_ms',
    'currency', 'value', 'transaction_id', 'coupon', 'cart_id', 'search_term', 'items',
    'consent_analytics', 'consent_ads', '_loaded_at',
] | join(', ') %}
{%- set stored_events = kept_events() %}
{%- do common_arrival_id([
    ref('int_events_arrived'), ref('int_days_touched'), ref('int_session_boundaries'),
]) %}

with

boundaries as (
    select * from {{ ref('int_session_boundaries') }}
),

-- Only good rows have a boundary, so they need not be checked again.
events as (
    select event_id, {{ attributes }}, _source_file, _source_row
    from {{ ref('stg_web__events') }}
    {%- if stored_events %}
    where _source_file in ({{ new_event_files() }})
    union all
    select event_id, {{ attributes }}, _source_file, _source_row
    from {{ stored_events }}
    where
        session_date in ({{ days_to_replace() }})
        -- A build that stopped before the ledger may have stored the new files already.
        and _source_file not in ({{ new_event_files() }})
    {%- endif %}
),

sessionized as (
    select
        events.*,
        boundaries.visitor_id,
        boundaries.is_session_start,
        boundaries.event_number,
        boundaries.session_start_at,
        boundaries.session_date,
        '{{ invocation_id }}' as day_version,
        '{{ definition_hash(model.name) }}' as definition_hash
    from events
        inner join boundaries
            on
                events.event_id = boundaries.event_id
                and events._source_file = boundaries._source_file
                and events._source_row = boundaries._source_row
)

select * from sessionized
