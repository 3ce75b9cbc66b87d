-- One row per event that this build adds: of the copies of an event the one that landed first
-- stays, and a copy that landed before the stored one takes its place. In a full refresh, all.
{%- set stored_events = kept_state('int_events_sessionized') %}

with

incoming as (
    select
        event_id,
        visitor_id,
        event_at,
        _loaded_at,
        _source_file,
        _source_row
    from {{ ref('stg_web__events') }}
    where
        rejection_reason is null
        {%- if stored_events %}
            and _source_file in ({{ new_event_files() }})
        {%- endif %}
),

-- Few events have copies, so only those are ranked.
repeated as (
    select event_id
    from incoming
    group by event_id
    having count(*) > 1
),

copies as (
    select
        *,
        row_number() over (
            partition by event_id order by _loaded_at, _source_file, _source_row
        ) as copy_number
    from incoming
    where event_id in (select event_id from repeated)
),

first_copies as (
    select event_id, visitor_id, event_at, _loaded_at, _source_file, _source_row
    from incoming
    where event_id not in (select event_id from repeated)
    union all
    select event_id, visitor_id, event_at, _loaded_at, _source_file, _source_row
    from copies
    where copy_number = 1
),

arrived as (
    select first_copies.*
    from first_copies
    {%- if stored_events %}
        left join {{ stored_events }} as stored
            on first_copies.event_id = stored.event_id
    where
        stored.event_id is null
        or first_copies._loaded_at < stored._loaded_at
        or (
            first_copies._loaded_at = stored._loaded_at
            and (
                first_copies._source_file < stored._source_file
                or (
                    first_copies._source_file = stored._source_file
                    and first_copies._source_row < stored._source_row
                )
            )
        )
    {%- endif %}
)

select * from arrived
