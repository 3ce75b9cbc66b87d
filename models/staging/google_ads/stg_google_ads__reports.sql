-- The keywords' and search terms' reports are not read: they say nothing that the ads' does not.
{%- set reports = {
    'account_stats': ('account', "'account ' || nullif(customer_id, '')", "'(not set)'", "'(not set)'"),
    'campaign_stats': ('campaign', 'id', "'(not set)'", "'(not set)'"),
    'ad_group_stats': ('ad_group', 'campaign_id', 'id', "'(not set)'"),
    'ad_stats': (
        'ad', 'campaign_id',
        "coalesce(nullif(ad_group_id, ''), regexp_extract(ad_group, '[0-9]+$', 0))", 'ad_id',
    ),
} %}

with

{%- for table_name in reports %}

{{ table_name }} as (
    select * from {{ landed('google_ads', table_name) }}
),
{%- endfor %}

reports as (
    {%- for table_name, (level, campaign_id, ad_group_id, ad_id) in reports.items() %}
    select
        '{{ level }}' as report_level,
        customer_id as account_id,
        {{ campaign_id }} as campaign_id,
        {{ ad_group_id }} as ad_group_id,
        {{ ad_id }} as ad_id,
        {{ day_text('date') }} as spend_date,
        concat_ws(
            '|', coalesce(_fivetran_id, ''), coalesce(ad_network_type, ''), coalesce(device, '')
            {%- if level == 'ad' %}, coalesce(keyword_ad_group_criterion, ''){% endif %}
        ) as segment,
        impressions,
        clicks,
        coalesce(
            cast(
                try_cast(cost_micros as decimal(24, 0)) * 0.000001 as {{ dbt.type_string() }}
            ),
            cost_micros
        ) as spend,
        cast(null as {{ dbt.type_string() }}) as currency,
        conversions as platform_conversions,
        conversions_value as platform_value,
        'google_ads.{{ table_name }}' as _source_table,
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
        'google_ads' as platform,
        '(not set)' as country
    from reports
)

select
    *,
    {{ ad_spend_rejection_reason() }} as rejection_reason
from placed
