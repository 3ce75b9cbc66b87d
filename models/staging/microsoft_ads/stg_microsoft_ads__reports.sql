-- The reports by keyword, search and place are not read: they cut the same spend in other ways.
{%- set reports = {
    'account_performance_daily_report':
        ('account', "'account ' || nullif(account_id, '')", "'(not set)'", "'(not set)'"),
    'campaign_performance_daily_report':
        ('campaign', 'campaign_id', "'(not set)'", "'(not set)'"),
    'ad_group_performance_daily_report':
        ('ad_group', 'campaign_id', 'ad_group_id', "'(not set)'"),
    'ad_performance_daily_report': ('ad', 'campaign_id', 'ad_group_id', 'ad_id'),
} %}
{%- set cuts = [
    '_fivetran_id', 'currency_code', 'device_os', 'device_type', 'network', 'ad_distribution',
    'bid_match_type', 'delivered_match_type', 'top_vs_other', 'language',
] %}
{%- set budget_cuts = ['budget_name', 'budget_association_status'] %}

with

{%- for table_name in reports %}

{{ table_name }} as (
    select * from {{ landed('microsoft_ads', table_name) }}
),
{%- endfor %}

reports as (
    {%- for table_name, (level, campaign_id, ad_group_id, ad_id) in reports.items() %}
    select
        '{{ level }}' as report_level,
        account_id,
        {{ campaign_id }} as campaign_id,
        {{ ad_group_id }} as ad_group_id,
        {{ ad_id }} as ad_id,
        {{ day_text('date') }} as spend_date,
        concat_ws(
            '|'
            {%- for cut in cuts + (budget_cuts if level == 'campaign' else []) %},
            coalesce({{ cut }}, '')
            {%- endfor %}
        ) as segment,
        impressions,
        clicks,
        spend,
        nullif(currency_code, '') as currency,
        coalesce(nullif(conversions_qualified, ''), conversions) as platform_conversions,
        revenue as platform_value,
        'microsoft_ads.{{ table_name }}' as _source_table,
        {{ row_as_json(table_name) }} as raw_row,
        _loaded_at,
        _source_file,
        _source_row
    from {{ table_name }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

placed as (
    select
        *,
        'microsoft_ads' as platform,
        '(not set)' as country
    from reports
)

select
    *,
    {{ ad_spend_rejection_reason() }} as rejection_reason
from placed
