-- Links that carry no utm at all are known by their platform and campaign, and count as paid clicks
-- like those with a click id. Without an exchange rate spend is null.

with

ad_spend as (
    {{ latest_rows('stg_shop__ad_spend', [
        'platform', 'campaign_id', 'ad_group_id', 'ad_id', 'spend_date', 'country'
    ]) }}
),

named as (
    select
        *,
        case
            when coalesce(utm_source, utm_medium, utm_campaign) is not null
                then coalesce(lower(trim(utm_source)), '(not set)')
            else replace(lower(trim(platform)), ' ', '_')
        end as raw_source,
        case
            when coalesce(utm_source, utm_medium, utm_campaign) is not null
                then coalesce(lower(trim(utm_medium)), '(not set)')
            else 'cpc'
        end as raw_medium,
        case
            when coalesce(utm_source, utm_medium, utm_campaign) is not null
                then coalesce(lower(trim(utm_campaign)), '(not set)')
            else lower(trim(coalesce(campaign_name, campaign_id)))
        end as raw_campaign
    from ad_spend
)

select
    named.platform,
    named.campaign_id,
    named.ad_group_id,
    named.ad_id,
    named.spend_date,
    named.country,
    named.raw_source,
    named.raw_medium,
    named.raw_campaign,
    coalesce(named.impressions, 0) as impressions,
    coalesce(named.clicks, 0) as clicks,
    case
        when
            coalesce(named.currency, reporting.reporting_currency) = reporting.reporting_currency
            then named.spend
        else named.spend * rates.rate
    end as spend
from named
    cross join {{ ref('int_reporting_currency') }} as reporting
    left join {{ ref('int_currency_rates_valid') }} as rates
        on
            named.currency = rates.currency
            and named.spend_date >= rates.valid_from
            and named.spend_date < rates.valid_to
