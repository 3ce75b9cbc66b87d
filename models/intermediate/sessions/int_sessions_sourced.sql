{{ config(
    materialized='incremental', incremental_strategy='redo_keys', unique_key=['session_id'],
    meta={'redone_by': ['person_id']}
) }}
-- One row per session with whose it is, where it came from and where its person last came from.
-- Robots are no touches: their last source is their own.

with

numbered as (
    select
        *,
        cast(row_number() over so_far as bigint) as touch_number,
        {{ last_not_null('non_direct_number') }} over so_far as last_non_direct_number,
        max(case when non_direct_number is not null then session_start_at end) over so_far
            as last_non_direct_at
    from {{ redone(ref('int_sessions_owned')) }}
    window so_far as (
        partition by person_id, is_bot order by session_start_at, session_id
        rows between unbounded preceding and current row
    )
)

select
    session_id,
    visitor_id,
    session_date,
    session_start_at,
    customer_id,
    person_id,
    is_person_known,
    is_first_session,
    source_number,
    case
        when is_bot then source_number
        when
            session_start_at <= last_non_direct_at
            + interval '{{ var("attribution_lookback_days") }}' day
            then last_non_direct_number
        else 0
    end as last_source_number,
    case when not is_bot then touch_number end as touch_number
from numbered
