{% macro ad_spend_counted_once(reports) -%}
    {#- A query of a platform's reports (rows of stg_<source>__reports) in which every amount is
        there once, though reports of several levels tell of it: what the ads' report says, what the
        ad groups' says beyond their ads, what the campaigns' says beyond all of that. A remainder
        is never below zero: where a lower level says more, its amount stands. The account's report
        counts for days on which the account has no other. Of each key and day of a report the
        newest landed row counts; device, network and what else it is cut by belong to the key, and
        add up. Rows that cannot be used pass as they came. -#}
    {%- set keys = [
        'platform', 'account_id', 'campaign_id', 'ad_group_id', 'ad_id', 'spend_date'
    ] -%}
    with

    newest as (
        {{ latest_rows(reports, ['report_level', 'segment'] + keys) | indent(4) }}
    ),

    summed as (
        select
            report_level,
            {{ keys | join(', ') }},
            false as is_remainder,
            max(currency) as currency,
            sum({{ whole_number('impressions') }}) as impressions,
            sum({{ whole_number('clicks') }}) as clicks,
            sum(try_cast(spend as decimal(24, 6))) as spend,
            sum(try_cast(platform_conversions as decimal(24, 6))) as platform_conversions,
            sum(try_cast(platform_value as decimal(24, 6))) as platform_value,
            max(_source_table) as _source_table,
            max(_loaded_at) as _loaded_at,
            max(_source_file) as _source_file,
            max(_source_row) as _source_row
        from newest
        group by report_level, {{ keys | join(', ') }}
    ),

    beyond_ads as (
        {{ ad_spend_beyond('summed', 'ad_group', ['campaign_id', 'ad_group_id']) }}
    ),

    beyond_ad_groups as (
        {{ ad_spend_beyond('beyond_ads', 'campaign', ['campaign_id']) }}
    ),

    counted as (
        select
            *,
            count(case when report_level <> 'account' then 1 end) over (
                partition by account_id, spend_date
            ) as lower_rows
        from beyond_ad_groups
    )

    select * from counted
    where
        (report_level <> 'account' or lower_rows = 0)
        and (
            not is_remainder
            or impressions > 0
            or clicks > 0
            or spend > 0
            or platform_conversions > 0
            or platform_value > 0
        )
{%- endmacro %}

{% macro ad_spend_beyond(relation, level, keys) -%}
    {#- A query of a relation in which the amounts of one level are what they are beyond those of
        the levels below it, which are all others but the ones above. Not by account: where a
        history is missing, a report may not know it. -#}
    {%- set lower = {'ad_group': "('ad')", 'campaign': "('ad', 'ad_group')"}[level] -%}
    {%- set amounts = [
        'impressions', 'clicks', 'spend', 'platform_conversions', 'platform_value'
    ] -%}
    select
            report_level,
            platform,
            account_id,
            campaign_id,
            ad_group_id,
            ad_id,
            spend_date,
            is_remainder or (report_level = '{{ level }}' and lower_rows > 0) as is_remainder,
            currency,
            {%- for amount in amounts %}
            case
                when report_level = '{{ level }}' and lower_rows > 0
                    then greatest(coalesce({{ amount }}, 0) - coalesce(lower_{{ amount }}, 0), 0)
                else {{ amount }}
            end as {{ amount }},
            {%- endfor %}
            _source_table,
            _loaded_at,
            _source_file,
            _source_row
        from (
            select
                *,
                {%- for amount in amounts %}
                sum(case when report_level in {{ lower }} then {{ amount }} end) over (
                    partition by {{ keys | join(', ') }}, spend_date
                ) as lower_{{ amount }},
                {%- endfor %}
                count(case when report_level in {{ lower }} then 1 end) over (
                    partition by {{ keys | join(', ') }}, spend_date
                ) as lower_rows
            from {{ relation }}
        ) as compared
{%- endmacro %}
