"""Fixtures of tests that need web server and daemon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.python.orchestration.serving import Served, copy_project, webhook


@dataclass(frozen=True)
class Shop:
    """A served project with a small demo shop, and the alerts that it sent."""

    served: Served
    alerts: list[dict[str, Any]]


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A small demo shop, landed and not built yet, and the servers over it."""
    folder: Path = tmp_path_factory.mktemp("served") / "shop"
    copy_project(folder)
    with webhook() as (address, alerts):
        served = Served(folder, webhook=address)
        served.run_program("shoptrack", "demo", "--days", "8", "--visitors", "600")
        served.start()
        try:
            yield Shop(served, alerts)
        finally:
            served.stop()
