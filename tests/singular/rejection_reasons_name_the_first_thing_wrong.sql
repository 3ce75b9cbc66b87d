-- depends_on: {{ ref('fct_rejected_rows') }}
-- The checks of the input contract, on values made up here: a unit test does not see the contract.
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

made_up_values (data_type, text, is_wrong) as (
    values
    ('integer', '2', false), ('integer', '-7', false), ('integer', '', false),
    ('integer', '2.0', false), ('integer', '1e3', false), ('integer', ' 2 ', false),
    ('integer', '2.5', true), ('integer', 'two', true),
    ('decimal', '9.90', false), ('decimal', '-1', false), ('decimal', '9,90', true),
    ('boolean', 'true', false), ('boolean', '0', false), ('boolean', 'perhaps', true),
    ('boolean', ' true', true), ('boolean', 'YES', false),
    ('timestamp', '2024-02-29 10:00:00', false), ('timestamp', '2024-02-29T10:00:00.5Z', false),
    ('timestamp', '2023-02-29 10:00:00', true), ('timestamp', '0024-02-01', true),
    ('timestamp', '2024/02/29 10:00:00', false), ('timestamp', '2024-02', true),
    ('timestamp', '2024-02-29 10:00:00 +0200', false),
    ('timestamp', '2024-02-29 10:00:00 -02:00 ', false),
    ('timestamp', '2024-02-29 10:00:00 PM', true), ('timestamp', '2024-02-29 10:00:00 EST', true),
    ('timestamp', '2024-02-29 10:00:00 Europe/Berlin', true),
    ('date', '2024-02-29', false), ('date', '2024-02-30', true), ('date', '29.02.2024', true),
    ('date', '2024/02/29', false), ('date', '2024-02-29T10:00:00Z', false), ('date', '2024', true),
    ('date', '2024-02', true), ('date', '2024-02-29 or so', true),
    ('date', '2024-02-29T99:99', true),
    ('json', '[{"item_id": "p"}]', false), ('json', '[{"item_id": ', true),
    ('json', '[{"price": NaN}]', false), ('json', '{"a": 1, "a": 2}', false),
    ('json', '[] and more', true)
),

conversions as (
    select
        concat(data_type, ' ', text) as value,
        is_wrong,
        case
            {%- for data_type in ['integer', 'decimal', 'boolean', 'timestamp', 'date', 'json'] %}
            when data_type = '{{ data_type }}' then {{ does_not_convert('text', data_type) }}
            {%- endfor %}
        end as is_found_wrong
    from made_up_values
)

select
    expected as problem,
    found
from reasons
where found is distinct from expected
union all
select
    value as problem,
    cast(is_found_wrong as {{ dbt.type_string() }}) as found
from conversions
where is_found_wrong is distinct from is_wrong
