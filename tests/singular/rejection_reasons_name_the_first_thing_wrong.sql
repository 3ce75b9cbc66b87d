-- The checks of the input contract, on values made up here: a unit test does not see the contract.
{%- set values_by_type = {
    'integer': [('2', false), ('', false), ('-7', false), ('2.5', true), ('two', true)],
    'decimal': [('9.90', false), ('-1', false), ('9,90', true), ('EUR 5', true)],
    'boolean': [('true', false), ('0', false), ('perhaps', true)],
    'timestamp': [
        ('2024-02-29 10:00:00', false), ('2024-02-29T10:00:00.5Z', false),
        ('2023-02-29 10:00:00', true), ('0024-02-01', true), ('yesterday', true),
    ],
    'date': [('2024-02-29', false), ('2024-02-30', true), ('29.02.2024', true)],
    'json': [('[{"item_id": "p"}]', false), ('[{"item_id": ', true)],
} %}

with

made_up_refunds (
    refund_line_id, order_id, refunded_at, quantity, amount, is_restocked, expected
) as (
    values
    ('r', 'o', '2024-01-01 10:00:00', '1', '9.90', null, null),
    (null, 'o', '2024-01-01 10:00:00', '1', '9.90', null, 'refund_line_id is missing'),
    ('r', ' ', '2024-01-01 10:00:00', '1', '9.90', null, 'order_id is missing'),
    ('r', 'o', '2024-13-01 10:00:00', '1', '9.90', null, 'refunded_at is not a timestamp'),
    ('r', 'o', '2024-01-01 10:00:00', '1.5', '9.90', null, 'quantity is not a whole number'),
    ('r', 'o', '2024-01-01 10:00:00', '1', 'much', null, 'amount is not a number'),
    ('r', 'o', '2024-01-01 10:00:00', '1', '9.90', 'so', 'is_restocked is not true or false'),
    ('r', '', 'never', 'x', '', null, 'order_id is missing')
),

refunds as (
    select
        *,
        '' as tax,
        cast(null as {{ dbt.type_string() }}) as shipping
    from made_up_refunds
),

reasons as (
    select
        expected,
        {{ rejection_reason(['shop', 'refunds']) }} as found
    from refunds
),

conversions as (
    {%- for data_type, values in values_by_type.items() %}
    {%- set outer_loop = loop %}
    {%- for value, is_wrong in values %}
    select
        '{{ data_type }} {{ value }}' as expected,
        case
            when ({{ does_not_convert("'" ~ value ~ "'", data_type) }}) = {{ is_wrong }}
                then '{{ data_type }} {{ value }}'
        end as found
    {%- if not (loop.last and outer_loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
)

select * from reasons
where found is distinct from expected
union all
select * from conversions
where found is distinct from expected
