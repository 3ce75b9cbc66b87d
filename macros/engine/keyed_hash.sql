{% macro keyed_hash(text) -%}
    {#- A pseudonym of a text: 32 hexadecimal digits that only who has the key (SHOPTRACK_HASH_KEY) can
        make again; null for null. Hashed twice, so that a hash cannot be continued (as HMAC does).
        Why a macro: every engine keeps the key out of SQL and files its own way. -#}
    {{ return(adapter.dispatch('keyed_hash')(text)) }}
{%- endmacro %}

{% macro default__keyed_hash(text) -%}
    {#- The key is in a database in memory that shoptrack/dbt_plugin.py attaches. -#}
    {%- set key = '(select hash_key from secrets.main.hash_key)' -%}
    case
            when {{ text }} is not null
                then left(sha256(concat({{ key }}, sha256(concat({{ key }}, {{ text }})))), 32)
        end
{%- endmacro %}

{% macro email_hash(column) -%}
    {#- The pseudonym of an e-mail address, the same however it is typed. -#}
    {{ keyed_hash("nullif(lower(trim(" ~ column ~ ")), '')") }}
{%- endmacro %}

{% macro phone_hash(column) -%}
    {#- The pseudonym of a phone number: of its digits, 00 taken for the + before a country's code. -#}
    {{ keyed_hash(
        "nullif(regexp_replace(regexp_replace(" ~ column ~ ", '[^0-9+]', '', 'g'), '^00', '+'), '')"
    ) }}
{%- endmacro %}
