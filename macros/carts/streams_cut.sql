{% macro streams_cut(activities) -%}
    {#- The CTEs that cut what people did without a cart id into carts, the last one named cut, with a
        cart_number within the stream: a cart ends with a purchase, when it is emptied, or by a long
        idle time. -#}
streams as (
    select
        *,
        row_number() over stream as stream_number,
        lag(event_at) over stream as previous_at,
        lag(event_name) over stream as previous_name,
        count(case when is_list then 1 end) over stream as list_number,
        cast(sum(unit_change) over stream as bigint) as units_so_far
    from {{ activities }}
    where not has_cart_id
    window stream as (partition by stream_id order by event_at, event_id)
),

stretches as (
    select
        *,
        count(case
            when
                previous_name = 'purchase'
                or event_at > previous_at
                + interval '{{ var("cart_abandonment_window_hours") }}' hour
                then 1
        end) over (partition by stream_id order by stream_number) as stretch_number
    from streams
),

stretches_counted as (
    select
        *,
        {{ units_held('units_so_far', 'unit_change', 'since_list') }} as units_left
    from stretches
    window since_list as (
        partition by stream_id, stretch_number, list_number order by stream_number
    )
),

cut as (
    select
        *,
        stretch_number + count(case
            when units_left = 0 and event_name = 'remove_from_cart' then 1
        end) over (
            partition by stream_id order by stream_number
            rows between unbounded preceding and 1 preceding
        ) as cart_number
    from stretches_counted
)
{%- endmacro %}

{% macro units_held(units_so_far, unit_change, since_list) -%}
    {#- SQL: the units in a cart after an event, of a window of the events since the cart was last
        listed. What is taken out though it was never seen to be put in must not count against what
        follows. -#}
    {{ units_so_far }} - least(
            first_value({{ units_so_far }} - {{ unit_change }}) over {{ since_list }},
            min({{ units_so_far }}) over {{ since_list }}
        )
{%- endmacro %}
