"""Fixtures that tests of adapters share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.python.warehouse import Project, State, Warehouse, temporary_folder

NewWarehouse = Callable[..., AbstractContextManager[Warehouse]]


@pytest.fixture(scope="module")
def new_adapted(adapted_project: Project) -> NewWarehouse:
    """Makes an empty warehouse with every adapter on, which is removed after use.

    `held` says which state it keeps.
    """

    @contextmanager
    def make(held: State = "all") -> Iterator[Warehouse]:
        with temporary_folder("adapted ") as folder:
            yield Warehouse(adapted_project, folder, held)

    return make


@pytest.fixture
def warehouse(new_adapted: NewWarehouse) -> Iterator[Warehouse]:
    """An empty warehouse with every adapter on."""
    with new_adapted() as empty:
        yield empty
