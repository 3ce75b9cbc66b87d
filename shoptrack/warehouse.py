"""The warehouse file: where it is, and why it may not open."""

from __future__ import annotations

import os
import re
from pathlib import Path

from shoptrack.contract import PROJECT_ROOT

_HOLDER = re.compile(r"PID (\d+)")


def warehouse_path() -> Path:
    """Path of the warehouse: `SHOPTRACK_WAREHOUSE`, or `data/warehouse.duckdb` in the project."""
    default = PROJECT_ROOT / "data" / "warehouse.duckdb"
    return Path(os.environ.get("SHOPTRACK_WAREHOUSE") or default)


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
