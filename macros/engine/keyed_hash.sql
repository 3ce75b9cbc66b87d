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

{% macro spark__keyed_hash(text) -%}
    {#- Every process of Spark has the key in its environment: a view may not hold it, and a query
        that did would show it in Spark's UI. -#}
    {%- set key = "(select reflect('java.lang.System', 'getenv', 'SHOPTRACK_HASH_KEY'))" -%}
    case
            when {{ text }} is not null
                then left(sha2(concat({{ key }}, sha2(concat({{ key }}, {{ text }}), 256)), 256), 32)
        end
{%- endmacro %}

{% macro email_hash(column) -%}
    {#- The pseudonym of an e-mail address, the same however it is typed. -#}
    {{ keyed_hash("nullif(lower(trim(" ~ column ~ ")), '')") }}
{%- endmacro %}

{% macro phone_hash(column) -%}
    {#- The pseudonym of a phone number: of its digits, 00 taken for the + before a country's code. -#}
    {%- set digits = replaced_everywhere(column, "'[^0-9+]'", "''") -%}
    {{ keyed_hash("nullif(regexp_replace(" ~ digits ~ ", '^00', '+'), '')") }}
{%- endmacro %}
