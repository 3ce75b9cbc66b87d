-- The one currency that reports add up in: the var, or the currency of most orders, or XXX (ISO
-- 4217: no currency) where no order names one. A shop may have prices and no orders yet.

select
    coalesce(
        {% if var('reporting_currency') %}'{{ var("reporting_currency") }}',{% endif %}
        max(reporting_currency),
        'XXX'
    ) as reporting_currency
from {{ ref('int_orders_latest') }}
