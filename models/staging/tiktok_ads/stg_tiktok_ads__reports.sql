-- The reports name the ad alone; its ad group, campaign and account are those of its history, and a
-- row without one waits in fct_rejected_rows. Reports by hour and by country are not read.
{%- set reports = {
    'campaign_report_daily': (
        'campaign', 'stg_tiktok_ads__campaign_history', 'campaign_id',
        "'(not set)'", "'(not set)'",
    ),
    'adgroup_report_daily': (
        'ad_group', 'stg_tiktok_ads__adgroup_history', 'adgroup_id', 'landed.adgroup_id',
        "'(not set)'",
    ),
    'ad_report_daily': (
        'ad', 'stg_tiktok_ads__ad_history', 'ad_id', 'known.adgroup_id', 'landed.ad_id',
    ),
} %}

with

reports as (
    {%- for table_name, (level, history, key, ad_group_id, ad_id) in reports.items() %}
    select
        '{{ level }}' as report_level,
        known.account_id,
        {{ 'landed' if level == 'campaign' else 'known' }}.campaign_id,
        {{ ad_group_id }} as ad_group_id,
        {{ ad_id }} as ad_id,
        {{ day_text('landed.stat_time_day') }} as spend_date,
        landed.impressions,
        landed.clicks,
        landed.spend,
        landed.conversion as platform_conversions,
        landed.total_purchase_value as platform_value,
        'tiktok_ads.{{ table_name }}' as _source_table,
        {{ row_as_json('landed') }} as raw_row,
        landed._loaded_at,
        landed._source_file,
        landed._source_row
    from {{ landed('tiktok_ads', table_name) }} as landed
        left join {{ ref(history) }} as known
            on landed.{{ key }} = known.{{ key }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

placed as (
    select
        *,
        'tiktok_ads' as platform,
        '(not set)' as country,
        '' as segment,
        cast(null as {{ dbt.type_string() }}) as currency
    from reports
)

select
    *,
    {{ ad_spend_rejection_reason() }} as rejection_reason
from placed
