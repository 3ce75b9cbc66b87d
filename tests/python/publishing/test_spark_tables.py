"""Publishing from Spark's folder of Parquet tables, which here a small program wrote."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from shoptrack import spark_tables, status
from shoptrack.cli import app
from shoptrack.public_marts import public_marts
from shoptrack.publishing import PublishError, duckdb_copy, publish

TABLES = {
    "intermediate.int_reporting_currency": "select 'EUR' as reporting_currency",
    "marts.fct_orders": "select 'o1' as order_id, date '2025-01-31' as order_date, 5 as net_sales",
    "marts.dim_customers": "select 'c1' as customer_id, 1980 as birth_year, 1 as order_count",
    "bookkeeping.build_results": "select 'model.shoptrack.fct_orders' as node_id, 'success' as"
    " status, '' as message, 'build 1' as invocation_id, timestamp '2025-02-01' as noted_at",
}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of tables as Spark writes them after a good build."""
    for name, query in TABLES.items():
        write(tmp_path / "tables", name, query)
    return tmp_path / "tables"


def write(tables: Path, name: str, query: str, file: str = "part-0.snappy.parquet") -> None:
    """Write a file of a table."""
    schema, _, table = name.partition(".")
    path = tables / f"{schema}.db" / table / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")


def query(copy: Path, sql: str) -> list[Any]:
    """Rows that a query of the copy gives."""
    with duckdb.connect(str(copy), read_only=True) as connection:
        rows: list[Any] = connection.execute(sql).fetchall()
    return rows


def test_marts_are_published_with_their_descriptions(tables: Path, tmp_path: Path) -> None:
    copy = publish(tables, tmp_path / "published.duckdb")
    assert copy.row_counts == {"dim_customers": 1, "fct_orders": 1}
    columns = "select column_name, comment from duckdb_columns() where table_name = 'dim_customers'"
    mart = next(mart for mart in public_marts() if mart.name == "dim_customers")
    described = dict(zip(mart.columns, mart.descriptions, strict=True))
    assert dict(query(copy.path, columns)) == {
        name: described[name] for name in ("customer_id", "order_count")
    }
    assert "{{" not in "".join(described.values())
    about = "select build_id, reporting_currency from about.published_copy"
    assert query(copy.path, about) == [("build 1", "EUR")]


def test_what_spark_has_not_finished_is_no_part_of_a_table(tables: Path, tmp_path: Path) -> None:
    more = "select 'o2' as order_id, date '2025-01-31' as order_date, 7 as net_sales"
    write(tables, "marts.fct_orders", more, "_temporary/0/part-1.parquet")
    write(tables, "marts.fct_orders", more, ".spark-staging-1/part-1.parquet")
    copy = publish(tables, tmp_path / "published.duckdb")
    assert query(copy.path, "select order_id from fct_orders") == [("o1",)]


def test_tables_that_a_build_changes_meanwhile_are_not_published(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = duckdb_copy._copy_mart

    def copied_while_a_build_begins(*given: object) -> int:
        book = TABLES["bookkeeping.build_results"].replace("success", "unfinished")
        write(tables, "bookkeeping.build_results", book)
        return copied(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(duckdb_copy, "_copy_mart", copied_while_a_build_begins)
    with pytest.raises(PublishError, match="is in use by a build, which began while"):
        publish(tables, tmp_path / "published.duckdb")
    assert not (tmp_path / "published.duckdb").exists()


def test_a_build_that_did_not_end_is_not_published(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = TABLES["bookkeeping.build_results"].replace("success", "unfinished")
    write(tables, "bookkeeping.build_results", book)
    with pytest.raises(PublishError, match="A build is running, or did not end"):
        publish(tables, tmp_path / "published.duckdb")
    monkeypatch.setenv("SHOPTRACK_TARGET", "spark")
    monkeypatch.setenv("SHOPTRACK_SPARK_WAREHOUSE", str(tmp_path))
    assert "is in use by a build, or one did not end" in CliRunner().invoke(app, ["status"]).stderr


def test_a_table_that_goes_while_it_is_read_is_not_published(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = duckdb_copy._built_marts

    def built_until_a_file_goes(connection: duckdb.DuckDBPyConnection) -> Any:
        shutil.rmtree(tables / "marts.db" / "fct_orders")
        return built(connection)

    monkeypatch.setattr(duckdb_copy, "_built_marts", built_until_a_file_goes)
    with pytest.raises(PublishError, match="cannot be written"):
        publish(tables, tmp_path / "published.duckdb")


def test_a_book_that_goes_while_it_is_read_is_told_as_a_build(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = spark_tables.show_tables

    def shown_until_a_build_begins(*given: Any) -> None:
        shown(*given)
        shutil.rmtree(tables / "bookkeeping.db" / "build_results")

    for module in (duckdb_copy, status):
        monkeypatch.setattr(module, "show_tables", shown_until_a_build_begins)
    with pytest.raises(PublishError, match="is in use by a build, which replaces what is read"):
        publish(tables, tmp_path / "published.duckdb")
    write(tables, "bookkeeping.build_results", TABLES["bookkeeping.build_results"])
    with pytest.raises(status.NoStatusError, match="in use by a build, which replaces what is re"):
        status.read_status(tables)


def test_tables_of_a_lake_format_are_refused(tables: Path, tmp_path: Path) -> None:
    (tables / "marts.db" / "fct_orders" / "_delta_log").mkdir()
    with pytest.raises(PublishError, match="only Parquet tables"):
        publish(tables, tmp_path / "published.duckdb")


def test_a_folder_whose_name_looks_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    for name, query_text in TABLES.items():
        write(tmp_path / "shop=a" / "tables", name, query_text)
    copy = publish(tmp_path / "shop=a" / "tables", tmp_path / "published.duckdb")
    columns = "select column_name from duckdb_columns() where table_name = 'fct_orders'"
    assert query(copy.path, columns) == [("order_id",), ("order_date",), ("net_sales",)]


def test_commands_read_spark_where_it_is_the_target(
    tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_TARGET", "spark_cluster")
    monkeypatch.setenv("SHOPTRACK_SPARK_WAREHOUSE", str(tmp_path))
    monkeypatch.setenv("SHOPTRACK_PUBLISHED", str(tmp_path / "published.duckdb"))
    said = CliRunner().invoke(app, ["status"])
    assert "customers who ordered                     1" in said.stdout
    assert CliRunner().invoke(app, ["publish"]).exit_code == 0
    refused = CliRunner().invoke(app, ["erase", "c1"])
    assert refused.exit_code == 1
    assert "Spark's tables are not erased by this program" in refused.stderr
