"""A PostgreSQL server, and the demo shop's marts loaded into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptrack.publishing import load_postgres
from tests.python.publishing.server import NOT_INSTALLED, Server, programs, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A real PostgreSQL."""
    if not programs():
        pytest.skip(NOT_INSTALLED)
    with running_server() as running:
        yield running


@pytest.fixture
def database(server: Server) -> str:
    """An empty database."""
    return server.new_database()


@pytest.fixture(scope="session")
def demo_database(server: Server, demo_copy: Path) -> str:
    """A database with all marts of the demo shop."""
    name = server.new_database()
    load_postgres(demo_copy, server.url(name))
    return name
