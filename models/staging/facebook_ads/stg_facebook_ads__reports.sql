-- The reports name the ad or ad set alone; its campaign is that of its history, and a row without
-- one waits in fct_rejected_rows. Reports by country, region, age or placement are not read: they
-- cut the same spend in other ways. Clicks are those on links.
{%- set reports = {
    'basic_campaign': (
        'campaign', 'stg_facebook_ads__campaign_history', 'campaign_id', 'campaign_id',
        "'(not set)'", "'(not set)'",
    ),
    'basic_ad_set': (
        'ad_group', 'stg_facebook_ads__ad_set_history', 'adset_id', 'ad_set_id',
        'landed.adset_id', "'(not set)'",
    ),
    'basic_ad': (
        'ad', 'stg_facebook_ads__ad_history', 'ad_id', 'ad_id', 'known.ad_set_id', 'landed.ad_id',
    ),
} %}

with

reports as (
    {%- for report, (level, history, key, known_key, ad_group_id, ad_id) in reports.items() %}
    select
        '{{ report }}' as report,
        landed.{{ key }} as reported_id,
        '{{ level }}' as report_level,
        coalesce(nullif(landed.account_id, ''), known.account_id) as account_id,
        {{ 'landed' if level == 'campaign' else 'known' }}.campaign_id,
        {{ ad_group_id }} as ad_group_id,
        {{ ad_id }} as ad_id,
        {{ day_text('landed.date') }} as spend_date,
        coalesce(landed._fivetran_id, '') as segment,
        landed.impressions,
        landed.inline_link_clicks as clicks,
        landed.spend,
        {{ row_as_json('landed') }} as raw_row,
        landed._loaded_at,
        landed._source_file,
        landed._source_row
    from {{ landed('facebook_ads', report) }} as landed
        left join {{ ref(history) }} as known
            on landed.{{ key }} = known.{{ known_key }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

measured as (
    select
        reports.*,
        'meta_ads' as platform,
        '(not set)' as country,
        cast(null as {{ dbt.type_string() }}) as currency,
        purchases.platform_conversions,
        purchases.platform_value,
        'facebook_ads.' || reports.report as _source_table
    from reports
        left join {{ ref('stg_facebook_ads__purchases') }} as purchases
            on
                reports.report = purchases.report
                and reports.reported_id = purchases.reported_id
                and reports.spend_date = purchases.spend_date
)

select
    *,
    {{ ad_spend_rejection_reason() }} as rejection_reason
from measured
