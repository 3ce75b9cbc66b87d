"""Fixtures that tests of adapters share."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.python.warehouse import Project, Warehouse

NewWarehouse = Callable[[], AbstractContextManager[Warehouse]]


@pytest.fixture(scope="module")
def new_adapted(adapted_project: Project) -> NewWarehouse:
    """Makes an empty warehouse with every adapter on, which is removed after use."""

    @contextmanager
    def make() -> Iterator[Warehouse]:
        with tempfile.TemporaryDirectory(prefix="adapted ") as folder:
            yield Warehouse(adapted_project, Path(folder))

    return make


@pytest.fixture
def warehouse(new_adapted: NewWarehouse) -> Iterator[Warehouse]:
    """An empty warehouse with every adapter on."""
    with new_adapted() as empty:
        yield empty
