"""One row per category, and per product: its price elasticity with its standard error."""

from typing import Any

import pyarrow as pa

from shoptrack.statistics.elasticity import estimate


def model(dbt: Any, session: Any) -> pa.Table:
    """Estimate from the weeks of all variants."""
    dbt.config(materialized="table")
    return estimate(dbt.ref("int_price_weeks_summarized").to_arrow_table())
