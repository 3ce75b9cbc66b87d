{% macro utm_parameter(links, name) -%}
    {#- Value of a parameter in links, decoded; null without one. Links are addresses, tracking
        templates, parameters, JSON lists of {"key": …, "value": …} or several of these, joined by &;
        the first that has the parameter counts. -#}
    {%- set pattern -%}
        (?:^|[?&"]){{ name }}(?:=|"[ \t\n\r]*,[ \t\n\r]*"value"[ \t\n\r]*:[ \t\n\r]*")([^]&#",]*)
    {%- endset -%}
    nullif(trim({{ url_decoded("regexp_extract(" ~ links ~ ", '" ~ pattern ~ "', 1)") }}), '')
{%- endmacro %}

{% macro utm_campaign_named() -%}
    {#- utm_campaign of a row with the platforms' own placeholders for a campaign's id and name
        filled in, as the platform does when somebody clicks. -#}
    {%- set placeholders = [
        ('{campaignid}', 'campaign_id'), ('{CampaignId}', 'campaign_id'),
        ('{{campaign.id}}', 'campaign_id'), ('__CAMPAIGN_ID__', 'campaign_id'),
        ('{Campaign}', 'campaign_name'), ('{{campaign.name}}', 'campaign_name'),
        ('__CAMPAIGN_NAME__', 'campaign_name'),
    ] -%}
    {%- set filled = namespace(text='utm_campaign') -%}
    {%- for placeholder, column in placeholders -%}
        {%- set filled.text -%}
            replace(
            {{ filled.text }}, '{{ placeholder }}', coalesce({{ column }}, '{{ placeholder }}'))
        {%- endset -%}
    {%- endfor -%}
    {{ filled.text }}
{%- endmacro %}
