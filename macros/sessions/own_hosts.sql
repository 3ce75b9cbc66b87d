{% macro is_own_referrer(referrer, page) -%}
    {#- SQL: whether a referrer's host is the shop's own: the host of the page, or one of the two is
        below the other. Hosts beside each other, such as pay.shop.example and blog.shop.example,
        and other domains are told by the var store_domains. -#}
    (
        coalesce({{ is_within(referrer, page) }}, false)
        or coalesce({{ is_within(page, referrer) }}, false)
        {%- for domain in var('store_domains') or [] %}
        or {{ is_within(referrer, "'" ~ (domain | lower | replace("'", "''")) ~ "'") }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro is_within(host, domain) -%}
    {#- SQL: whether a host is a domain or below it. -#}
    ({{ host }} = {{ domain }} or right({{ host }}, length({{ domain }}) + 1) = concat('.', {{ domain }}))
{%- endmacro %}
