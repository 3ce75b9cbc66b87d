"""Fixtures of the tests on Apache Spark; without Spark or Java 17 they skip and say so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.python.spark.spark_warehouse import SparkProject, SparkWarehouse, why_not_here
from tests.python.warehouse import Project, State, temporary_folder

NewSparkWarehouse = Callable[..., AbstractContextManager[SparkWarehouse]]


@pytest.fixture(scope="session")
def spark_project() -> Iterator[SparkProject]:
    """The project for Spark in this process."""
    reason = why_not_here()
    if reason:
        pytest.skip(reason)
    with temporary_folder("spark-") as folder:
        yield SparkProject("spark", folder)


@pytest.fixture(scope="session")
def new_spark_warehouse(parsed_project: Project, spark_project: SparkProject) -> NewSparkWarehouse:
    """Makes an empty warehouse on Spark, one at a time."""

    @contextmanager
    def make(held: State = "all") -> Iterator[SparkWarehouse]:
        try:
            yield SparkWarehouse(parsed_project, spark_project, held)
        finally:
            spark_project.forget_everything()

    return make
