{% macro ad_spend_of_reports(source_name, accounts='account_history') -%}
    {#- A platform's reports in the shape of the contract's table ad_spend: amounts counted once,
        with the currency of the account, the name of the campaign and the utm parameters of the
        ad. A row without a known ad has those that all ads of its campaign share, else those of the
        campaign's own links. -#}
    with

    spend as (
        {{ ad_spend_counted_once('stg_' ~ source_name ~ '__reports') | indent(4) }}
    ),

    ads as (
        select * from {{ ref('stg_' ~ source_name ~ '__ad_history') }}
    ),

    shared_links as (
        select
            campaign_id,
            max(utm_source) as utm_source,
            max(utm_medium) as utm_medium,
            max(utm_campaign) as utm_campaign
        from ads
        group by campaign_id
        having
            count(distinct concat_ws(
                '|', coalesce(utm_source, ''), coalesce(utm_medium, ''), coalesce(utm_campaign, '')
            )) = 1
    ),

    linked as (
        select
            spend.*,
            campaigns.campaign_name,
            coalesce(spend.currency, accounts.currency) as known_currency,
            coalesce(ads.utm_source, shared_links.utm_source, campaigns.utm_source) as utm_source,
            coalesce(ads.utm_medium, shared_links.utm_medium, campaigns.utm_medium) as utm_medium,
            coalesce(ads.utm_campaign, shared_links.utm_campaign, campaigns.utm_campaign)
                as utm_campaign
        from spend
            left join ads
                on spend.ad_id = ads.ad_id
            left join shared_links
                on spend.campaign_id = shared_links.campaign_id
            left join {{ ref('stg_' ~ source_name ~ '__campaign_history') }} as campaigns
                on spend.campaign_id = campaigns.campaign_id
            left join {{ ref('stg_' ~ source_name ~ '__' ~ accounts) }} as accounts
                on spend.account_id = accounts.account_id
    )

    select
        platform,
        campaign_id,
        ad_group_id,
        ad_id,
        spend_date,
        '(not set)' as country,
        campaign_name,
        utm_source,
        utm_medium,
        {{ utm_campaign_named() }} as utm_campaign,
        cast(impressions as {{ dbt.type_string() }}) as impressions,
        cast(clicks as {{ dbt.type_string() }}) as clicks,
        cast(spend as {{ dbt.type_string() }}) as spend,
        known_currency as currency,
        cast(platform_conversions as {{ dbt.type_string() }}) as platform_conversions,
        cast(platform_value as {{ dbt.type_string() }}) as platform_value,
        _source_table,
        cast(null as {{ dbt.type_string() }}) as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from linked
    union all
    select
        platform,
        campaign_id,
        ad_group_id,
        ad_id,
        spend_date,
        country,
        null as campaign_name,
        null as utm_source,
        null as utm_medium,
        null as utm_campaign,
        impressions,
        clicks,
        spend,
        currency,
        platform_conversions,
        platform_value,
        _source_table,
        raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from {{ ref('stg_' ~ source_name ~ '__reports') }}
    where rejection_reason is not null
{%- endmacro %}
