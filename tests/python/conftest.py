"""Fixtures that tests of builds share."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from shoptrack.contract import PROJECT_ROOT, adapters
from shoptrack.landing.zone import folder_lock
from tests.python.warehouse import Project, State, Warehouse, temporary_folder


def pytest_configure() -> None:
    """Forget the database that a developer's shell names: tests must not publish to it."""
    for name in ("SHOPTRACK_PUBLISHED_POSTGRES", "SHOPTRACK_POSTGRES_READER"):
        os.environ.pop(name, None)


def pytest_unconfigure() -> None:
    """Let the garbage collector see all objects again, so that libraries can end in order."""
    gc.unfreeze()


NewWarehouse = Callable[..., AbstractContextManager[Warehouse]]


@pytest.fixture(scope="session")
def parsed_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The dbt project, parsed once.

    The garbage collector passes over it: else it looks through its million objects in every build.
    """
    project = Project.parse(tmp_path_factory.mktemp("project"))
    gc.freeze()
    return project


@pytest.fixture(scope="session")
def adapted_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The dbt project with every adapter on, parsed once."""
    folder = tmp_path_factory.mktemp("adapted_project")
    return Project.parse(folder, {"adapters": list(adapters())})


@pytest.fixture(scope="session")
def new_warehouse(parsed_project: Project) -> NewWarehouse:
    """Makes an empty warehouse, which is removed after use; `held` says which state it keeps."""

    @contextmanager
    def make(held: State = "all") -> Iterator[Warehouse]:
        with temporary_folder("it's a [ware]house ü ") as folder:
            yield Warehouse(parsed_project, folder, held)

    return make


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this run of pytest, the same for all of its processes."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def parsed_home(shared_folder: Path) -> Path:
    """A Dagster home whose first user parses the project, for all of this run of pytest."""
    return shared_folder / "dagster"


@pytest.fixture(scope="session")
def demo_copy(shared_folder: Path) -> Path:
    """The published copy of the demo shop as `make build` makes it, built once per run of pytest.

    SHOPTRACK_DEMO_COPY names one that was published before, and saves the two minutes.
    """
    if made_before := os.environ.get("SHOPTRACK_DEMO_COPY"):
        return Path(made_before)
    folder = shared_folder / "demo_shop"
    folder.mkdir(exist_ok=True)
    copy = folder / "published" / "marts.duckdb"
    with folder_lock(folder):
        if not copy.exists():
            _publish_demo_shop(folder, copy)
    return copy


def _publish_demo_shop(folder: Path, copy: Path) -> None:
    environment = {
        **os.environ,
        "SHOPTRACK_LANDING": str(folder / "landing"),
        "SHOPTRACK_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "SHOPTRACK_PUBLISHED": str(copy),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    programs = Path(sys.executable).parent
    only_what_is_built = ("--exclude-resource-type", "test", "unit_test")
    for command in (
        ("shoptrack", "demo"),
        ("dbt", "--quiet", "build", *only_what_is_built),
        ("shoptrack", "publish"),
    ):
        program, *arguments = command
        subprocess.run(
            [programs / program, *arguments], cwd=PROJECT_ROOT, env=environment, check=True
        )
