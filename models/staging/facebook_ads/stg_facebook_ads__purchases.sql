-- Types of action overlap: omni_purchase holds all purchases, purchase those that Meta tells apart
-- by no channel, and the others those of one channel each. The first of these three that is there
-- counts. A value that is no number is kept, so that the report's row is rejected for it.
{%- set reports = {
    'basic_campaign': 'campaign_id',
    'basic_ad_set': 'adset_id',
    'basic_ad': 'ad_id',
} %}
{%- set measures = {'actions': 'platform_conversions', 'action_values': 'platform_value'} %}

with

actions as (
    {%- for report, key in reports.items() %}
    {%- set is_last_report = loop.last %}
    {%- for ending, measure in measures.items() %}
    select
        '{{ report }}' as report,
        {{ key }} as reported_id,
        {{ day_text('date') }} as spend_date,
        '{{ measure }}' as measure,
        action_type,
        value,
        _loaded_at,
        _source_file,
        _source_row
    from {{ landed('facebook_ads', report ~ '_' ~ ending) }}
    where
        action_type in (
            'omni_purchase',
            'purchase',
            'offsite_conversion.fb_pixel_purchase',
            'onsite_conversion.purchase',
            'app_custom_event.fb_mobile_purchase'
        )
    {%- if not (is_last_report and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

ranked as (
    select
        *,
        row_number() over (
            partition by report, reported_id, spend_date, measure, action_type
            order by _loaded_at desc, _source_file desc, _source_row desc
        ) as version_rank
    from actions
),

measured as (
    select
        report,
        reported_id,
        spend_date,
        measure,
        coalesce(
            max(case when {{ does_not_convert('value', 'decimal') }} then value end),
            max(case when action_type = 'omni_purchase' then value end),
            max(case when action_type = 'purchase' then value end),
            cast(sum(try_cast(value as decimal(18, 4))) as {{ dbt.type_string() }})
        ) as reported_value
    from ranked
    where version_rank = 1
    group by report, reported_id, spend_date, measure
)

select
    report,
    reported_id,
    spend_date,
    max(case when measure = 'platform_conversions' then reported_value end)
        as platform_conversions,
    max(case when measure = 'platform_value' then reported_value end) as platform_value
from measured
group by report, reported_id, spend_date
