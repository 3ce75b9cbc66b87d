{{ config(post_hook="{{ note_arrival() }}") }}
-- One row per incoming row that does not count, because another row of the same event landed first.
-- Few events have copies: a narrow hash finds the rows to compare. Read twice and not kept in a
-- common table expression, which the engine would store.
{%- set stored_events = kept_events() %}
{%- do check_common_arrival([ref('int_event_files_arriving'), ref('int_events_incoming')]) %}

with

repeated as (
    select {{ hash64('event_id') }} as event_hash
    from {{ ref('int_events_incoming') }}
    group by {{ hash64('event_id') }}
    having count(*) > 1
),

ranked as (
    select
        _source_file,
        _source_row,
        row_number() over (
            partition by event_id order by _loaded_at, _source_file, _source_row
        ) as copy_number
    from {{ ref('int_events_incoming') }}
    where {{ hash64('event_id') }} in (select repeated.event_hash from repeated)
)

select
    _source_file as source_file,
    _source_row as source_row
from ranked
where copy_number > 1

{%- if stored_events %}
union
select
    incoming._source_file as source_file,
    incoming._source_row as source_row
from {{ ref('int_events_incoming') }} as incoming
    inner join {{ stored_events }} as stored
        on incoming.event_id = stored.event_id
where
    (stored._loaded_at, stored._source_file, stored._source_row)
    <= (incoming._loaded_at, incoming._source_file, incoming._source_row)
{%- endif %}
