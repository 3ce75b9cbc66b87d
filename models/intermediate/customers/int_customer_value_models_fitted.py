"""One row per cutoff: the fitted BG/NBD and Gamma-Gamma models, or why there is none."""

from typing import Any

import pyarrow as pa

from shoptrack.statistics.customer_predictions import fitted_models


def model(dbt: Any, session: Any) -> pa.Table:
    """Fit each cutoff; sorted, so that sums of floats do not depend on the order of rows."""
    histories = dbt.ref("int_customer_purchases_summarized")
    return fitted_models(histories.order("cutoff, customer_id").to_arrow_table())
