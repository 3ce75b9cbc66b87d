-- One row per source, medium, campaign and channel as reports name them. Numbers stand for names
-- where rows are many: made of the names, they stay what they are when another source is new; they
-- never reach the marts. touch_group is
-- what Markov and Shapley compare: channels unless a var says otherwise.

with

named as (
    select
        channel,
        source,
        medium,
        campaign
    from {{ ref('int_channels_classified') }}
    union
    select
        'Direct' as channel,
        '(direct)' as source,
        '(none)' as medium,
        '(not set)' as campaign
)

select
    case
        when
            channel = 'Direct'
            and source = '(direct)'
            and medium = '(none)'
            and campaign = '(not set)'
            then 0
        else {{ number_of("concat_ws(chr(31), channel, source, medium, campaign)") }}
    end as source_number,
    channel,
    source,
    medium,
    campaign,
    replace({{ var('attribution_dimension') }}, ' > ', ' / ') as touch_group
from named
