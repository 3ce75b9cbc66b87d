"""A Dagster home of their own for these tests, and a small shop that is served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from tests.python.orchestration.serving import Served, copy_project, webhook


@pytest.fixture(scope="session", autouse=True)
def dagster_home(parsed_home: Path) -> Iterator[Path]:
    """Folder that everything is written to.

    What needs the manifest is imported after this, in a fixture: an import parses the project.
    """
    with pytest.MonkeyPatch.context() as patch:
        parsed_home.mkdir(exist_ok=True)
        patch.setenv("DAGSTER_HOME", str(parsed_home))
        yield parsed_home


@pytest.fixture(scope="session")
def manifest(dagster_home: Path) -> dict[str, Any]:
    """What dbt parsed."""
    from orchestration import parsed_project  # noqa: PLC0415

    return parsed_project.manifest()


@pytest.fixture(scope="session")
def definitions(dagster_home: Path) -> dg.Definitions:
    """All that Dagster knows of the project."""
    from orchestration.definitions import defs  # noqa: PLC0415

    return defs


@dataclass(frozen=True)
class Shop:
    """A served project with a small demo shop, and the alerts that it sent."""

    served: Served
    alerts: list[dict[str, Any]]


@pytest.fixture(scope="module")  # not longer: idle servers take a tenth of a core each
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A small demo shop, landed and not built yet, and the servers over it."""
    folder: Path = tmp_path_factory.mktemp("served") / "shop"
    copy_project(folder)
    with webhook() as (address, alerts):
        served = Served(folder, webhook=address)
        served.run_program("shoptrack", "demo", "--days", "8", "--visitors", "600")
        try:
            served.start()
            served.stop_schedules()
            yield Shop(served, alerts)
        finally:
            served.stop()
