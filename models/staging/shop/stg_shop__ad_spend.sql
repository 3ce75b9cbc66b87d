with

raw as (
    select * from {{ landed('shop', 'ad_spend') }}
),

-- Column by column: files may have more, and adapters have exactly these.
landed as (
    select
        platform,
        campaign_id,
        ad_group_id,
        ad_id,
        spend_date,
        country,
        campaign_name,
        utm_source,
        utm_medium,
        utm_campaign,
        impressions,
        clicks,
        spend,
        currency,
        platform_conversions,
        platform_value,
        'shop.ad_spend' as _source_table,
        {{ row_as_json('raw') }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from raw
    {{- adapted('ad_spend') }}
),

-- Spend that the shop wrote itself stands for what a platform reports of the same day.
own_days as (
    select distinct concat(platform, '|', {{ as_day('spend_date') }}) as platform_day
    from raw
    where {{ ad_spend_rejection_reason() }} is null
),

typed as (
    select
        nullif(platform, '') as platform,
        nullif(campaign_id, '') as campaign_id,
        nullif(ad_group_id, '') as ad_group_id,
        nullif(ad_id, '') as ad_id,
        {{ as_day('spend_date') }} as spend_date,
        nullif(country, '') as country,
        nullif(campaign_name, '') as campaign_name,
        nullif(utm_source, '') as utm_source,
        nullif(utm_medium, '') as utm_medium,
        nullif(utm_campaign, '') as utm_campaign,
        {{ whole_number('impressions') }} as impressions,
        {{ whole_number('clicks') }} as clicks,
        try_cast(spend as decimal(18, 4)) as spend,
        nullif(currency, '') as currency,
        try_cast(platform_conversions as decimal(18, 4)) as platform_conversions,
        try_cast(platform_value as decimal(18, 4)) as platform_value,
        coalesce(
            {{ ad_spend_rejection_reason() }},
            case
                when
                    _source_table <> 'shop.ad_spend'
                    and concat(platform, '|', {{ as_day('spend_date') }})
                    in (select own_days.platform_day from own_days)
                    then 'shop.ad_spend has this platform and day'
            end
        ) as rejection_reason,
        raw_row,
        _source_table,
        _loaded_at,
        _source_file,
        _source_row
    from landed
)

select * from typed
