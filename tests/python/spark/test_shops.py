"""Real shops, and one that comes as other systems export it, are the same on Spark and DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from examples import hopscotch, uci_online_retail
from shoptrack.contract import adapters
from shoptrack.demo import simulate
from shoptrack.demo.dialects import DIALECTS
from shoptrack.landing import land_file
from tests.python.spark.spark_warehouse import ServedProject, SparkWarehouse, why_not_here
from tests.python.spark.test_parity import on_duckdb
from tests.python.test_published_figures import reference
from tests.python.warehouse import Project, Warehouse, temporary_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not_here()), reason=why_not_here()),
]


@pytest.fixture
def spark(parsed_project: Project) -> Iterator[SparkWarehouse]:
    """An empty warehouse on a Spark of its own."""
    with temporary_folder("spark-") as folder:
        yield SparkWarehouse(parsed_project, ServedProject("spark", folder))


@pytest.fixture
def duckdb_beside(parsed_project: Project) -> Iterator[Warehouse]:
    """An empty warehouse on DuckDB."""
    with temporary_folder("duckdb-") as folder:
        yield Warehouse(parsed_project, folder)


@pytest.mark.parametrize(
    ("mapping", "file"),
    [
        (hopscotch, "hopscotch/ecom.csv.gz"),
        (uci_online_retail, "uci_online_retail/online_retail_2010_2011.parquet"),
    ],
    ids=["hopscotch", "uci"],
)
def test_a_real_shop(
    mapping: ModuleType,
    file: str,
    spark: SparkWarehouse,
    duckdb_beside: Warehouse,
    tmp_path: Path,
) -> None:
    for table, mapped in mapping.write_mapped(reference(file), tmp_path).items():
        land_file(spark.zone, table, mapped)
    spark.build()
    assert spark.difference(on_duckdb(duckdb_beside, spark)) == ""


def test_a_shop_as_other_systems_export_it(adapted_project: Project) -> None:
    choices = {"adapters": list(adapters())}
    with temporary_folder("spark-") as here, temporary_folder("duckdb-") as there:
        spark = SparkWarehouse(adapted_project, ServedProject("spark", here, choices=choices))
        simulate(spark.zone, days=8, visitors=150, seed=5, dialects=DIALECTS)
        spark.build()
        assert spark.difference(on_duckdb(Warehouse(adapted_project, there), spark)) == ""
