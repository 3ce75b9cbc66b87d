-- One row per campaign that sent a message, with the days that its effect is measured in.

with

messages as (
    {{ latest_rows('stg_shop__messages', ['message_id']) }}
),

as_of as (
    select {{ store_date('as_of_at') }} as as_of_date from {{ ref('int_as_of') }}
),

campaigns as (
    select
        campaign,
        min({{ store_date('sent_at') }}) as start_date,
        count(*) as messages,
        count(distinct person_key) as recipients
    from messages
    where campaign is not null and sent_at is not null
    group by campaign
),

dated as (
    select
        *,
        {{ dbt.dateadd('day', '-' ~ var('message_response_days'), 'start_date') }} as before_date,
        {{ dbt.dateadd('day', var('message_response_days'), 'start_date') }} as end_date
    from campaigns
)

select
    dated.campaign,
    dated.start_date,
    cast(dated.before_date as date) as before_date,
    cast(dated.end_date as date) as end_date,
    dated.messages,
    dated.recipients,
    dated.end_date <= as_of.as_of_date as is_observed
from dated
    cross join as_of
