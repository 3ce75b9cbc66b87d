"""Markov removal effects and Shapley values of the touch groups: a linear system, which SQL
cannot solve."""

from typing import Any

import pyarrow as pa

from shoptrack.statistics.attribution import group_effects


def model(dbt: Any, session: Any) -> pa.Table:
    """Read the counted paths in a fixed order, because sums of floats depend on it."""
    return group_effects(dbt.ref("int_paths_counted").order("path").to_arrow_table())
