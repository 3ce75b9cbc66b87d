{% macro browser_of(user_agent) -%}
    {#- The browser that a user agent names, for sources that give no other. Most browsers name others
        as well, so the order counts; a robot names itself as compatible. -#}
    {%- set browsers = [
        ('HeadlessChrome/', 'Headless Chrome'), ('Edg(e|A|iOS)?/', 'Edge'), ('(OPR|Opera)/', 'Opera'),
        ('SamsungBrowser/', 'Samsung Internet'), ('(Firefox|FxiOS)/', 'Firefox'),
        ('(Chrome|CriOS)/', 'Chrome'), ('Safari/', 'Safari'),
    ] -%}
    case
            when {{ matches(user_agent, "'compatible; [A-Za-z-]*[Bb]ot'") }}
                then regexp_extract({{ user_agent }}, 'compatible; ([A-Za-z-]+)', 1)
            {%- for pattern, browser in browsers %}
            when {{ matches(user_agent, "'" ~ pattern ~ "'") }} then '{{ browser }}'
            {%- endfor %}
        end
{%- endmacro %}
