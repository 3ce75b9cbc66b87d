"""The warehouse: where it is, and why it may not open."""

from __future__ import annotations

import os
import re
from pathlib import Path

from shoptrack.contract import PROJECT_ROOT

_HOLDER = re.compile(r"PID (\d+)")


def is_on_spark() -> bool:
    """Whether `SHOPTRACK_TARGET` names a target of Spark."""
    return (os.environ.get("SHOPTRACK_TARGET") or "").startswith("spark")


def spark_folder() -> Path:
    """Where Spark's things are: `SHOPTRACK_SPARK_WAREHOUSE`, or `data/spark` in the project."""
    return Path(os.environ.get("SHOPTRACK_SPARK_WAREHOUSE") or PROJECT_ROOT / "data" / "spark")


def warehouse_file() -> Path:
    """DuckDB's file: `SHOPTRACK_WAREHOUSE`, or `data/warehouse.duckdb` in the project."""
    default = PROJECT_ROOT / "data" / "warehouse.duckdb"
    return Path(os.environ.get("SHOPTRACK_WAREHOUSE") or default)


def warehouse_path() -> Path:
    """Path of the warehouse: DuckDB's file, or the folder of Spark's tables."""
    return spark_folder() / "tables" if is_on_spark() else warehouse_file()


def published_path() -> Path:
    """Path of the BI copy: `SHOPTRACK_PUBLISHED`, or `data/published.duckdb` in the project."""
    default = PROJECT_ROOT / "data" / "published.duckdb"
    return Path(os.environ.get("SHOPTRACK_PUBLISHED") or default)


def describe_open_error(warehouse: str, error: Exception) -> str:
    """Say in one line why DuckDB cannot open a warehouse file, and what to do."""
    message = str(error)
    if "Could not set lock" not in message:
        return f"the warehouse {warehouse} cannot be opened: {message}"
    holder = _HOLDER.search(message)
    who = f"process {holder.group(1)}" if holder else "another process"
    return (
        f"the warehouse {warehouse} is in use by {who}: another build is running, or a tool has the"
        " file open. Wait until it ends, or end it, and start again"
    )
