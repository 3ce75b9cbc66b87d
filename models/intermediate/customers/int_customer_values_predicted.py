"""One row per cutoff and customer: what the models of that cutoff expect of the customer."""

from typing import Any

import pyarrow as pa

from shoptrack.statistics.customer_predictions import predictions


def model(dbt: Any, session: Any) -> pa.Table:
    """Predict the horizon of each cutoff."""
    histories = dbt.ref("int_customer_purchases_summarized")
    return predictions(
        histories.order("cutoff, customer_id").to_arrow_table(),
        dbt.ref("int_customer_value_models_fitted").to_arrow_table(),
        float(dbt.config.get("clv_discount_rate")),
    )
