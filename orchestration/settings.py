"""Where orchestration keeps its things: environment variables with working defaults."""

from __future__ import annotations

import os
from pathlib import Path

from shoptrack.contract import PROJECT_ROOT
from shoptrack.landing import landing_zone
from shoptrack.warehouse import spark_folder, warehouse_file

WRITER_POOL = "warehouse"  # one slot: one writer of the warehouse, however many runs there are


def dagster_home() -> Path:
    """Folder of runs, events and logs: `DAGSTER_HOME`, or `data/dagster` in the project."""
    return Path(os.environ.get("DAGSTER_HOME") or PROJECT_ROOT / "data" / "dagster")


def code_socket() -> Path:
    """Socket of the code server: `SHOPTRACK_CODE_SOCKET`, or `code.sock` in DAGSTER_HOME."""
    return Path(os.environ.get("SHOPTRACK_CODE_SOCKET") or dagster_home() / "code.sock")


def inbox_path() -> Path:
    """Folder that exports are dropped into: `SHOPTRACK_INBOX`, or `data/inbox` in the project."""
    return Path(os.environ.get("SHOPTRACK_INBOX") or PROJECT_ROOT / "data" / "inbox")


def alert_webhook() -> str | None:
    """Address that alerts are posted to: `SHOPTRACK_ALERT_WEBHOOK`; unset: alerts are logged."""
    return os.environ.get("SHOPTRACK_ALERT_WEBHOOK") or None


def ui_port() -> int:
    """Port of the web server on 127.0.0.1: `SHOPTRACK_UI_PORT`, or 3000.

    Raises ValueError where that is no port.
    """
    given = os.environ.get("SHOPTRACK_UI_PORT") or "3000"
    if not given.isdecimal() or not 0 < int(given) < 65_536:
        raise ValueError(f"SHOPTRACK_UI_PORT is {given!r}: give the number of a port, such as 3000")
    return int(given)


def ui_address() -> str:
    """Address under which people reach the UI, for links: `SHOPTRACK_UI_URL`, or the local one."""
    return os.environ.get("SHOPTRACK_UI_URL") or f"http://127.0.0.1:{ui_port()}"


def absolute_paths() -> dict[str, str]:
    """The project's path settings made absolute, for processes that start in another folder."""
    return {
        "DAGSTER_HOME": str(dagster_home().absolute()),
        "SHOPTRACK_CODE_SOCKET": str(code_socket().absolute()),
        "SHOPTRACK_INBOX": str(inbox_path().absolute()),
        "SHOPTRACK_LANDING": str(landing_zone().absolute()),
        "SHOPTRACK_SPARK_WAREHOUSE": str(spark_folder().absolute()),
        "SHOPTRACK_WAREHOUSE": str(warehouse_file().absolute()),
    }
