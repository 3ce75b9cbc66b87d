-- A full join of small tables: who the visitor is and what the orders came to may change long after
-- the session. Robots are no touches: their last source that is not direct is their own.

with

sessions as (
    select
        *,
        duration_seconds > {{ var('engaged_session_seconds') }}
        or has_key_event
        or page_view_count >= 2 as is_engaged
    from {{ ref('int_sessions_summarized') }}
),

first_sessions as (
    select
        visitor_id,
        min(session_start_at) as first_session_at
    from sessions
    group by visitor_id
)

select
    sessions.session_id,
    sessions.visitor_id,
    visitors.customer_id,
    persons.person_id,
    persons.is_person_known,
    sessions.session_date,
    sessions.session_start_at,
    sessions.session_end_at,
    coalesce(sourced.channel, 'Direct') as channel,
    coalesce(sourced.source, '(direct)') as source,
    coalesce(sourced.medium, '(none)') as medium,
    coalesce(sourced.campaign, '(not set)') as campaign,
    {%- for column, unknown in [
        ('channel', 'Direct'), ('source', '(direct)'), ('medium', '(none)'), ('campaign', '(not set)')
    ] %}
    coalesce(touches.last_non_direct_{{ column }}, sourced.{{ column }}, '{{ unknown }}')
        as last_non_direct_{{ column }},
    {%- endfor %}
    sessions.landing_page,
    sessions.exit_page,
    sessions.device_category,
    sessions.operating_system,
    sessions.browser,
    sessions.country,
    sessions.region,
    sessions.language,
    sessions.age_bracket,
    sessions.gender,
    sessions.event_count,
    sessions.page_view_count,
    sessions.duration_seconds,
    cast(sessions.engagement_ms as bigint) as engagement_ms,
    sessions.is_engaged,
    not sessions.is_engaged as is_bounce,
    sessions.page_view_count = 1 as is_single_page_session,
    sessions.session_start_at = first_sessions.first_session_at as is_first_session,
    sessions.is_bot,
    sessions.bot_reason,
    sessions.has_view_item,
    sessions.has_add_to_cart,
    sessions.has_begin_checkout,
    sessions.has_purchase,
    coalesce(orders.order_count, 0) as order_count,
    coalesce(orders.net_revenue, 0) as net_revenue
from sessions
    inner join first_sessions
        on sessions.visitor_id = first_sessions.visitor_id
    left join {{ ref('int_sessions_sourced') }} as sourced
        on
            sessions.visitor_id = sourced.visitor_id
            and sessions.session_start_at = sourced.session_start_at
    left join {{ ref('int_touchpoints_sourced') }} as touches
        on sessions.session_id = touches.session_id
    left join {{ ref('int_visitors_identified') }} as visitors
        on sessions.visitor_id = visitors.visitor_id
    left join {{ ref('int_session_orders_counted') }} as orders
        on
            sessions.visitor_id = orders.visitor_id
            and sessions.session_start_at = orders.session_start_at
    inner join {{ ref('int_session_persons') }} as persons
        on
            sessions.visitor_id = persons.visitor_id
            and sessions.session_start_at = persons.session_start_at
