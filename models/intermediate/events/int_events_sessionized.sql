{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['event_id'],
    meta={'redone_by': ['visitor_id', 'session_date'], 'touched_in': 'int_visitor_days_touched'}
) }}
-- Incremental because events are the one large table: a build redoes the touched visitors' days.
{%- set attributes = [
    'event_id', 'visitor_id', 'event_at', 'event_name', 'user_id', 'page_path', 'engagement_ms',
    'currency', 'value', 'transaction_id', 'cart_id', 'items',
    '_loaded_at', '_source_file', '_source_row',
] | join(', ') %}
{%- set stored_events = kept_events() %}
{%- do check_common_arrival([
    ref('int_event_files_arriving'), ref('int_events_arrived'), ref('int_visitor_days_touched'),
    ref('int_session_boundaries'),
]) %}

with

events as (
    select
        {{ attributes }},
        {{ packed(visit_columns()) }} as visit,
        case
            when
                coalesce(utm_source, utm_medium, utm_campaign, traffic_parameters) is not null
                or coalesce(gclid, msclkid, fbclid) is not null
                or referrer_host <> coalesce(page_host, '')
                then {{ packed(traffic_values()) }}
        end as traffic
    from {{ ref('int_events_arrived') }}
    {%- if stored_events %}
    union all
    select
        {{ attributes }},
        visit,
        traffic
    from {{ stored_events }}
    where
        {{ is_to_redo() }}
        and event_id not in (
            select arrived.event_id from {{ ref('int_events_arrived') }} as arrived
        )
    {%- endif %}
)

select
    events.*,
    boundaries.session_start_at,
    {{ store_date('boundaries.session_start_at') }} as session_date
from events
    inner join {{ ref('int_session_boundaries') }} as boundaries
        on
            events.visitor_id = boundaries.visitor_id
            and events.event_at >= boundaries.session_start_at
            and events.event_at < boundaries.next_session_start_at
