-- Grain: ad, or what a campaign or ad group spent beyond its ads, and day. Amounts add up.
{{ ad_spend_of_reports('facebook_ads') }}
