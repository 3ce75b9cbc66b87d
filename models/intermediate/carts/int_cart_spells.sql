{{ config(
    materialized='incremental', incremental_strategy='redo_keys',
    unique_key=['cart_id', 'activity_number'], meta={'redone_by': []}
) }}
-- One row per time that a cart with items was left for longer than the window: until somebody came
-- back to it or bought it, or to the as-of moment.
{%- set window = "interval '" ~ var('cart_abandonment_window_hours') ~ "' hour" %}

with

steps as (
    select
        *,
        coalesce(next_activity_at, purchased_at) as resumed_at
    from {{ ref('int_cart_steps') }}
)

select
    steps.cart_id,
    steps.activity_number,
    steps.event_at as left_at,
    steps.resumed_at,
    steps.step_number
from steps
    cross join {{ ref('int_as_of') }} as as_of
where
    steps.units_held > 0
    and coalesce(steps.resumed_at, as_of.as_of_at) > steps.event_at + {{ window }}
