"""Fixtures that tests of builds share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.python.warehouse import Project, Warehouse

NewWarehouse = Callable[[], AbstractContextManager[Warehouse]]


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The dbt project, parsed once."""
    return Project.parse(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def new_warehouse(parsed_project: Project) -> NewWarehouse:
    """Makes an empty warehouse, which is removed after use."""

    @contextmanager
    def make() -> Iterator[Warehouse]:
        with tempfile.TemporaryDirectory(prefix="it's a [ware]house ü ") as folder:
            yield Warehouse(parsed_project, Path(folder))

    return make
