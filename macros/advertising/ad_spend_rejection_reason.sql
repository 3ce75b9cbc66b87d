{% macro ad_spend_rejection_reason() -%}
    {#- Why a row of ad spend cannot be used: one rule for rows in the contract's shape and for the
        rows of ad platforms' reports. -#}
    {{ rejection_reason(['shop', 'ad_spend'], rules=[
            ("try_cast(spend as decimal(18, 4)) < 0", 'spend is negative'),
        ]) }}
{%- endmacro %}
