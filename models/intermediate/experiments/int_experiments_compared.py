"""Each variant of an experiment against its control."""

from typing import Any

from shoptrack.statistics.experiment_results import compare_variants


def model(dbt: Any, session: Any) -> Any:
    dbt.config(materialized="table")
    return compare_variants(dbt.ref("int_experiment_sums").to_arrow_table())
