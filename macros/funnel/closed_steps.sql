{% macro closed_steps(happened) -%}
    {#- The CTEs of a closed funnel, the last one named closed_steps: one row per funnel, entrant
        and step that it reached. The CTE `happened` has a row per funnel, entrant_id, step_number
        and happened_at, with window_hours, session_id, session_date, step_value and currency.
        A step is reached when it happens no earlier than the step before was reached, and no later
        than the window after the first step. -#}
{%- set last_step = 8 %}
entered as (
    select
        funnel_name,
        entrant_id,
        min(happened_at) as entered_at,
        max(window_hours) as window_hours
    from {{ happened }}
    where step_number = 1
    group by funnel_name, entrant_id
),

step_1 as (
    select
        funnel_name,
        entrant_id,
        cast(1 as bigint) as step_number,
        entered_at as reached_at,
        entered_at + interval '1' hour * window_hours as open_until
    from entered
),

{%- for step in range(2, last_step + 1) %}

step_{{ step }} as (
    select
        happened.funnel_name,
        happened.entrant_id,
        happened.step_number,
        min(happened.happened_at) as reached_at,
        max(previous.open_until) as open_until
    from {{ happened }} as happened
        inner join step_{{ step - 1 }} as previous
            on
                happened.funnel_name = previous.funnel_name
                and happened.entrant_id = previous.entrant_id
                and happened.happened_at >= previous.reached_at
                and (
                    previous.open_until is null
                    or happened.happened_at <= previous.open_until
                )
    where happened.step_number = {{ step }}
    group by happened.funnel_name, happened.entrant_id, happened.step_number
),
{%- endfor %}

reached as (
    {%- for step in range(1, last_step + 1) %}
    select * from step_{{ step }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- What happens twice at one moment, such as on two devices of a person, is reached once.
closed_steps as (
    select
        reached.funnel_name,
        reached.entrant_id,
        reached.step_number,
        reached.reached_at,
        max(reached.open_until) as open_until,
        min(happened.session_id) as session_id,
        min(happened.session_date) as session_date,
        max(happened.step_value) as step_value,
        max(happened.currency) as currency
    from reached
        inner join {{ happened }} as happened
            on
                reached.funnel_name = happened.funnel_name
                and reached.entrant_id = happened.entrant_id
                and reached.step_number = happened.step_number
                and reached.reached_at = happened.happened_at
    group by reached.funnel_name, reached.entrant_id, reached.step_number, reached.reached_at
)
{%- endmacro %}
