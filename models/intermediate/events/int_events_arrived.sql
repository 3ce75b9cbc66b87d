-- One row per event that this build adds: of the copies of an event the one that landed first
-- stays, and a copy that landed before the stored one takes its place. In a full refresh, all.
{%- set stored_events = kept_events() %}

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
        and superseded_by is null
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
    where event_id in (select repeated.event_id from repeated)
),

first_copies as (
    select *
    from incoming
    where event_id not in (select repeated.event_id from repeated)
    union all
    select
        event_id,
        visitor_id,
        event_at,
        _loaded_at,
        _source_file,
        _source_row
    from copies
    where copy_number = 1
),

{%- if stored_events %}

outrun as (
    select first_copies.event_id
    from first_copies
        inner join {{ stored_events }} as stored
            on first_copies.event_id = stored.event_id
    where
        (stored._loaded_at, stored._source_file, stored._source_row)
        <= (first_copies._loaded_at, first_copies._source_file, first_copies._source_row)
),

{%- endif %}

arrived as (
    select *
    from first_copies
    {%- if stored_events %}
    where event_id not in (select outrun.event_id from outrun)
    {%- endif %}
)

select
    *,
    '{{ arrival_id() }}' as arrival_id
from arrived
