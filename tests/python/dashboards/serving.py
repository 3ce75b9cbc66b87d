"""The dashboard as `make dashboard` serves it, and published copies for it to read."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import requests

from shoptrack.contract import PROJECT_ROOT
from tests.python.orchestration.serving import free_port

_START_SECONDS = 60


@dataclass(frozen=True)
class Served:
    """A running dashboard: its address, the copy that it reads, and its log."""

    address: str
    copy: Path
    log: Path

    def complaints(self) -> list[str]:
        """Return the lines of the log that tell of errors."""
        text = self.log.read_text(encoding="utf-8")
        return [line for line in text.splitlines() if "rror" in line or "Traceback" in line]


@contextmanager
def served(copy: Path, folder: Path) -> Iterator[Served]:
    """Serve the dashboard over a copy on a free port; it ends with the block."""
    port = free_port()
    log = folder / f"dashboard_{port}.log"
    command = [sys.executable, "-m", "streamlit", "run", "dashboards/app/main.py"]
    environment = {**os.environ, "SHOPTRACK_PUBLISHED": str(copy), "NO_COLOR": "1"}
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_served(address, process, log)
            yield Served(address, copy, log)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_served(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if requests.get(f"{address}/_stcore/health", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(f"not served in time: {log.read_text(encoding='utf-8')}")


def changed_copy(source: Path, target: Path, *statements: str) -> None:
    """Put a changed copy in the place of `target` at once, as `shoptrack publish` does.

    statements: what to change; the marts are in the main schema.
    """
    new = target.with_suffix(".new")
    new.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {_quoted(source)} as source (read_only)")
        connection.execute(f"attach {_quoted(new)} as target")
        connection.execute("copy from database source to target")
        connection.execute("use target")
        for statement in statements:
            connection.execute(statement)
    os.replace(new, target)


def emptied(copy: Path) -> list[str]:
    """Return statements that empty all marts of a copy."""
    with duckdb.connect(str(copy), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
    return [f"delete from {name}" for (name,) in names]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
