"""dbt-spark with what shoptrack needs of it: Python models, ANSI rules, several statements."""

from __future__ import annotations

from pathlib import Path

from dbt.adapters.base import AdapterPlugin

from dbt.adapters.shopspark.connections import (
    ShopsparkConnectionManager,
    ShopsparkCredentials,
)
from dbt.adapters.shopspark.impl import ShopsparkAdapter

__all__ = ["Plugin", "ShopsparkConnectionManager"]

Plugin = AdapterPlugin(
    adapter=ShopsparkAdapter,
    credentials=ShopsparkCredentials,
    include_path=str(Path(__file__).parent / "include"),
    dependencies=["spark"],
)
