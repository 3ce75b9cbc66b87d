"""MetricFlow in this process: its engine makes the SQL, a DuckDB connection runs it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from dbt.contracts.graph.semantic_manifest import SemanticManifest
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

from shoptrack.contract import PROJECT_ROOT
from tests.python.warehouse import Project

DATABASE = "warehouse"  # what the parsed project calls it: the stem of its file
# The published copy holds marts only, so this stands in for the model, which the UCI tests build.
_SPINE = (
    "select cast(unnest(range(min(day), max(day) + interval 1 day, interval 1 day)) as date)"
    " as date_day from (select session_date as day from fct_sessions"
    " union all select posting_date from fct_sales_ledger)"
)


class _DuckDbDialect:
    """What MetricFlow must know of an engine to write SQL for it; nothing is run through it."""

    sql_engine_type = SqlEngine.DUCKDB
    sql_plan_renderer = DuckDbSqlPlanRenderer()


@dataclass(frozen=True)
class SemanticLayer:
    """The semantic layer as dbt parsed it, and MetricFlow's engine on top."""

    manifest: Any
    engine: Any
    file: Path

    @classmethod
    def load(cls, project: Project, folder: Path) -> SemanticLayer:
        """Write dbt's semantic manifest to `folder` and let MetricFlow read it, as `mf` does."""
        file = folder / "semantic_manifest.json"
        SemanticManifest(project.manifest).write_json_to_file(str(file))
        manifest = parse_manifest_from_dbt_generated_manifest(file.read_text(encoding="utf-8"))
        dialect: Any = _DuckDbDialect()
        return cls(manifest, MetricFlowEngine(SemanticManifestLookup(manifest), dialect), file)

    @property
    def metrics(self) -> list[Any]:
        """The project's metrics, without those that MetricFlow makes for itself."""
        return [metric for metric in self.manifest.metrics if not metric.type_params.is_private]

    def sql(self, metrics: Sequence[str], group_by: Sequence[str] = ()) -> str:
        """The SQL that MetricFlow writes for a query."""
        request = MetricFlowQueryRequest.create(
            metric_names=list(metrics), group_by_names=list(group_by)
        )
        sql: str = self.engine.explain(request).sql_statement.sql
        return sql

    def query(
        self,
        connection: duckdb.DuckDBPyConnection,
        metrics: Sequence[str],
        group_by: Sequence[str] = (),
    ) -> list[tuple[Any, ...]]:
        """Rows that MetricFlow answers: the groups in their order, then the metrics."""
        rows: list[tuple[Any, ...]] = connection.execute(self.sql(metrics, group_by)).fetchall()
        return rows


def warehouse_of_copy(copy: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that shows a published copy under the names of the warehouse."""
    connection = duckdb.connect()
    connection.execute(f"attach ':memory:' as {DATABASE}")
    connection.execute(f"attach '{copy}' as published (read_only)")
    connection.execute(f"create schema {DATABASE}.marts")
    connection.execute(f"use {DATABASE}.marts")
    tables = "select table_name from duckdb_tables() where database_name = 'published'"
    for (name,) in connection.execute(f"{tables} and schema_name = 'main'").fetchall():
        connection.execute(f"create view {name} as select * from published.main.{name}")
    connection.execute(f"create schema {DATABASE}.semantic")
    connection.execute(f"create view {DATABASE}.semantic.metricflow_time_spine as {_SPINE}")
    return connection


def write_warehouse(copy: Path, folder: Path) -> Path:
    """Write the marts of a published copy to a file as a build does, for `mf` to open."""
    file = folder / f"{DATABASE}.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"attach '{copy}' as published (read_only)")
        connection.execute("create schema marts")
        tables = "select table_name from duckdb_tables() where database_name = 'published'"
        for (name,) in connection.execute(f"{tables} and schema_name = 'main'").fetchall():
            connection.execute(f"create table marts.{name} as from published.main.{name}")
    return file


def project_to_query(layer: SemanticLayer, folder: Path) -> Path:
    """A folder that `mf` takes for the project after `dbt parse`, and may write its logs to."""
    folder.mkdir()
    for name in ("dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests"):
        (folder / name).symlink_to(PROJECT_ROOT / name)
    (folder / "target").mkdir()
    shutil.copy(layer.file, folder / "target" / "semantic_manifest.json")
    return folder
