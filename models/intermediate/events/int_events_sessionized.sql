{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['event_id'],
    meta={'redone_by': ['visitor_id', 'session_date'], 'touched_in': 'int_visitor_days_touched'}
) }}
-- Incremental because events are the one large table: a build redoes the touched visitors' days. A
-- session takes its visit from its first event, so that of the others none is kept.
{%- set attributes = [
    'event_id', 'visitor_id', 'event_at', 'event_name', 'user_id', 'page_path', 'engagement_ms',
    'currency', 'value', 'transaction_id', 'cart_id', 'items',
    '_loaded_at', '_source_file', '_source_row',
] %}
{%- set stored_events = kept_events() %}
{%- do check_common_arrival([
    ref('int_event_files_arriving'), ref('int_events_arrived'), ref('int_visitor_days_touched'),
    ref('int_session_boundaries'),
]) %}
{%- set visit = packed(visit_columns()) %}
{%- if stored_events %}
{%- set beginning_files = files_of_beginnings(stored_events, ref('int_session_boundaries')) %}
{%- set visit = 'coalesce(events.visit, read_again.visit, ' ~ visit ~ ')' %}
{%- endif %}
-- depends_on: {{ ref('stg_web__events') }}

with

{%- if stored_events %}

read_again as (
    select
        _source_file,
        _source_row,
        {{ packed(visit_columns()) }} as visit
    from {{ ref('stg_web__events') }}
    where _source_file in ({{ beginning_files }})
),

{%- endif %}

events as (
    select
        {{ attributes | join(', ') }},
        {{ visit_columns() | join(', ') }},
        {%- if stored_events %}
        cast(null as {{ dbt.type_string() }}) as visit,
        {%- endif %}
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
        {{ attributes | join(', ') }},
        {%- for column in visit_columns() %}
        null as {{ column }},
        {%- endfor %}
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
    {%- for column in attributes %}
    events.{{ column }},
    {%- endfor %}
    events.traffic,
    case when events.event_at = boundaries.session_start_at then {{ visit }} end as visit,
    boundaries.session_start_at,
    {{ store_date('boundaries.session_start_at') }} as session_date
from events
    inner join {{ ref('int_session_boundaries') }} as boundaries
        on
            events.visitor_id = boundaries.visitor_id
            and events.event_at >= boundaries.session_start_at
            and events.event_at < boundaries.next_session_start_at
{%- if stored_events %}
left join read_again
    on
        events._source_file = read_again._source_file
        and events._source_row = read_again._source_row
{%- endif %}
