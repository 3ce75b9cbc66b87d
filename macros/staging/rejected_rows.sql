{% macro tables_of_rows() -%}
    {#- The tables of the contract besides the events, with the keys of their rows. -#}
    {{ return([
        ('web', 'experiments', ['experiment_id', 'variant']),
        ('web', 'experiment_exposures', ['experiment_id', keyed_hash('unit_id')]),
        ('web', 'consents', ['subject_hash', 'recorded_at']),
        ('shop', 'orders', ['order_id']),
        ('shop', 'order_lines', ['order_line_id']),
        ('shop', 'refunds', ['refund_line_id']),
        ('shop', 'customers', ['customer_id']),
        ('shop', 'products', ['variant_id']),
        ('shop', 'product_prices', ['variant_id', 'valid_from']),
        ('shop', 'inventory_snapshots', ['variant_id', 'location_id', 'snapshot_date']),
        ('shop', 'ad_spend', [
            'platform', 'campaign_id', 'ad_group_id', 'ad_id', 'spend_date', 'country'
        ]),
        ('shop', 'reviews', ['review_id']),
        ('shop', 'messages', ['message_id']),
        ('shop', 'erasure_requests', ['request_id']),
        ('shop', 'fx_rates', ['rate_date', 'currency']),
    ]) }}
{%- endmacro %}

{% macro rejected_rows(source_name, table_name, keys, conditions) -%}
    {#- A query of the rows of a staged table that meet conditions and cannot be used. The JSON of
        these, and not of all rows, is brought into its shape. -#}
    select
        {{ source_table_of(source_name, table_name) }} as source_table,
        _source_file as source_file,
        _source_row as source_row,
        _loaded_at as loaded_at,
        concat_ws('|', {{ keys | join(', ') }}) as row_key,
        rejection_reason as reason,
        {{ tidy_json('raw_row') }} as raw
    from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
    where
        rejection_reason is not null
        {%- for condition in conditions %}
        and {{ condition }}
        {%- endfor %}
{%- endmacro %}
