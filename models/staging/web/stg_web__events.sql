{%- set columns = [
    'event_id', 'event_at', 'event_name', 'visitor_id', 'user_id', 'session_key',
    'page_url', 'page_referrer', 'page_title',
    'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content',
    'gclid', 'fbclid', 'msclkid', 'device_category', 'operating_system', 'browser', 'user_agent',
    'country', 'region', 'city', 'language', 'age_bracket', 'gender', 'engagement_ms',
    'currency', 'value', 'transaction_id', 'coupon', 'cart_id', 'search_term', 'items',
    'consent_analytics', 'consent_ads',
] %}
{%- set types = {
    'engagement_ms': 'bigint', 'value': 'decimal(18, 4)',
    'consent_analytics': 'boolean', 'consent_ads': 'boolean',
} %}

with

raw as (
    select * from {{ landed('web', 'events') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        {{ columns | join(', ') }},
        'web.events' as _source_table,
        cast(null as {{ dbt.type_string() }}) as raw_row,
        cast(null as {{ dbt.type_string() }}) as _superseded_by,
        _loaded_at,
        _source_file,
        _source_row,
        {{ row_as_struct('raw') }} as whole_row
    from raw
    {{- adapted('events', also=['null as whole_row']) }}
),

-- For the rejection, which asks for it twice; who reads event_at asks once, and less of it.
timed as (
    select
        *,
        {{ parsed_once(to_utc('event_at')) }} as event_moment
    from landed
),

judged as (
    select
        *,
        {{ rejection_reason(['web', 'events'], moments={'event_at': 'event_moment'}, rules=[
            ("event_moment > _loaded_at + interval '1' day", 'event_at lies after its load'),
        ]) }} as rejection_reason,
        -- Parts of addresses that name nobody, read off the addresses before these are cut short.
        {{ traffic_parameters('page_url') }} as traffic_parameters,
        {{ url_path('page_url') }} as page_path,
        {{ url_host('page_url') }} as page_host,
        {{ url_host('page_referrer') }} as referrer_host,
        {{ is_consented() }} as is_consented
    from timed
),

-- The one place that lets identifiers pass: without consent none do.
consented as (
    select
        {%- for column in columns %}
        {{ shown_column(column) }} as {{ column }},
        {%- endfor %}
        traffic_parameters,
        page_path,
        page_host,
        referrer_host,
        rejection_reason,
        is_consented,
        _superseded_by,
        raw_row,
        whole_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from judged
),

typed as (
    select
        {%- for column in columns %}
        {%- if column == 'event_at' %}
        {{ to_utc(column) }} as {{ column }},
        {%- elif column == 'user_id' %}
        {{ known_customer(column) }} as {{ column }},
        {%- elif column in types %}
        try_cast({{ column }} as {{ types[column] }}) as {{ column }},
        {%- else %}
        nullif({{ column }}, '') as {{ column }},
        {%- endif %}
        {%- endfor %}
        -- The path without host, query and fragment; the host without www.
        page_path,
        page_host,
        referrer_host,
        traffic_parameters,
        rejection_reason,
        coalesce(_superseded_by, {{ counted_by_another_tracker() }}) as superseded_by,
        -- Made here and not below, so that who asks for rejected rows makes it of them alone.
        case
            when is_consented then coalesce(raw_row, {{ row_as_json('whole_row') }})
            else {{ columns_as_json(columns) }}
        end as raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from consented
)

select * from typed
