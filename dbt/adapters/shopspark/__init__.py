"""dbt-spark with what shoptrack needs of it: Python models, ANSI rules, several statements."""

from __future__ import annotations

from pathlib import Path

from dbt.adapters.base import AdapterPlugin
from dbt_common.exceptions import DbtRuntimeError

try:
    from dbt.adapters.shopspark.connections import (
        ShopsparkConnectionManager,
        ShopsparkCredentials,
    )
    from dbt.adapters.shopspark.impl import ShopsparkAdapter
except ModuleNotFoundError as error:
    raise DbtRuntimeError(
        f"Spark is not installed ({error.name} is missing): `make spark` installs it, docs/spark.md"
    ) from None

__all__ = ["Plugin", "ShopsparkConnectionManager"]

Plugin = AdapterPlugin(
    adapter=ShopsparkAdapter,
    credentials=ShopsparkCredentials,
    include_path=str(Path(__file__).parent / "include"),
    dependencies=["spark"],
)
