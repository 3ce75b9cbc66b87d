-- What SQL gives the touches of a group in all conversions is what the exact solution gives the
-- group. A credit is cut to nine decimals: the tolerance is far above their sum.
{%- set touch_group = "replace(" ~ var('attribution_dimension') ~ ", ' > ', ' / ')" %}

with

credited as (
    select
        {{ touch_group }} as touch_group,
        sum(credit) as credit
    from {{ ref('fct_attribution') }}
    where attribution_model = 'shapley'
    group by {{ touch_group }}
),

effects as (
    select *
    from {{ ref('int_touch_groups_credited') }}
    where attribution_model = 'shapley'
)

select
    effects.touch_group,
    effects.effect,
    credited.credit
from effects
    full outer join credited
        on effects.touch_group = credited.touch_group
where abs(coalesce(effects.effect, 0) - coalesce(credited.credit, 0)) > 0.001
