"""The adapter: dbt-spark's, with Python models that run beside dbt and read through Spark."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from dbt.adapters.base import available
from dbt.adapters.spark import SparkAdapter

from dbt.adapters.shopspark import landed_files, leftovers
from dbt.adapters.shopspark.connections import ShopsparkConnectionManager
from dbt.adapters.shopspark.python_models import run_python_model


class ShopsparkAdapter(SparkAdapter):  # type: ignore[misc]
    """dbt-spark's adapter for shoptrack's models."""

    ConnectionManager = ShopsparkConnectionManager

    def valid_incremental_strategies(self) -> list[str]:
        """What macros/engine/spark knows, besides the project's own strategies."""
        return ["append", "delete+insert"]

    def submit_python_job(self, parsed_model: dict[str, Any], compiled_code: str) -> Any:
        """Run a Python model in this process and write its table through Spark."""
        run_python_model(self, parsed_model, compiled_code)
        return self.generate_python_submission_response(None)

    @available
    def seed_rows(self, file: str) -> list[dict[str, str]]:
        """Rows of a seed, a path in the project, as texts by the names of their columns."""
        with (Path(self.config.project_root) / file).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    @available
    def clear_leftovers(self, schemas: list[str]) -> None:
        """Clear away what a build that was killed left behind in schemas, if they are there."""
        leftovers.clear(self, schemas)

    @available
    def landed_paths(self) -> list[str]:
        """Paths of all landed files."""
        return landed_files.paths()

    @available
    def landed_row_count(self, path: str) -> int:
        """Number of rows of a landed file."""
        return landed_files.row_count(path)

    @available
    def landed_column_names(self, files: list[str]) -> list[str]:
        """Names of all columns of landed files, in the order in which they first come."""
        return landed_files.column_names(files)

    @available
    def landed_export(self, path: str) -> dict[str, Any]:
        """What a landed file says of its export: `loaded_at` and `columns` (name, kind)."""
        return landed_files.export_shape(path)

    @available
    def newest_landing(self, table: str) -> Any:
        """When the newest file of a raw table (`source/table`) was landed; none without any."""
        return landed_files.newest_landing(table)
