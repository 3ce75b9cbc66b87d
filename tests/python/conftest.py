"""Fixtures that tests of builds share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from warehouse import Project, Warehouse

NewWarehouse = Callable[[], AbstractContextManager[Warehouse]]


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The dbt project, parsed once."""
    return Project.parse(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def new_warehouse(project: Project) -> NewWarehouse:
    """Makes an empty warehouse that is removed after use."""

    @contextmanager
    def make() -> Iterator[Warehouse]:
        with tempfile.TemporaryDirectory(prefix="warehouse-") as folder:
            yield Warehouse(project, Path(folder))

    return make
