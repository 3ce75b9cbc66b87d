"""`make ui`: code server, web server and daemon on this machine, kept alive until Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import dagster as dg
import psutil
import requests

from orchestration.parsed_project import ParseError, manifest_path
from orchestration.settings import absolute_paths, dagster_home, inbox_path, ui_address, ui_port
from shoptrack.contract import PROJECT_ROOT

FOLDER = Path(__file__).parent
_READY_TIMEOUT_SECONDS = 120
_STOP_SECONDS = 30


def prepare_home() -> Path:
    """Make DAGSTER_HOME with the project's dagster.yaml in it; return its path."""
    home = dagster_home().absolute()
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(FOLDER / "dagster.yaml", home / "dagster.yaml")
    return home


def make_storage(home: Path) -> None:
    """Make the tables of Dagster's SQLite files, where they are missing.

    Code server, web server and daemon would each make them; two that do it at the same moment leave
    files that no Dagster opens again ("more than one head present").
    """
    with dg.DagsterInstance.from_config(str(home)):
        pass


def environment() -> dict[str, str]:
    """Return the environment in which web server and daemon run."""
    return {
        **os.environ,
        **absolute_paths(),
        "SHOPTRACK_PYTHON": sys.executable,
        "SHOPTRACK_UI_PORT": str(ui_port()),
        "PYTHONUNBUFFERED": "1",
    }


def is_taken(port: int) -> bool:
    """Whether a process listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    """Serve until interrupted; then stop servers and the runs that are under way."""
    try:
        port = ui_port()
    except ValueError as error:
        sys.exit(str(error))
    if is_taken(port):
        sys.exit(
            f"port {port} is in use: the UI may be running already; else choose another port with"
            " SHOPTRACK_UI_PORT"
        )
    home = prepare_home()
    make_storage(home)
    try:
        manifest_path()
    except ParseError as error:
        sys.exit(str(error))
    # A shell that starts us in the background has us ignore Ctrl-C, and all that we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    command = [sys.executable, "-m", "supervisor.supervisord"]
    supervisor = subprocess.Popen(
        [*command, "--configuration", str(FOLDER / "supervisord.conf")],
        cwd=PROJECT_ROOT,
        env=environment(),
        start_new_session=True,  # Ctrl-C reaches us alone, so that all ends in order
    )
    threading.Thread(target=_announce, args=(home,), daemon=True).start()
    try:
        sys.exit(supervisor.wait())
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    finally:
        supervisor.terminate()
        supervisor.wait(_STOP_SECONDS)
        stop_workers()


def _announce(home: Path) -> None:
    """Say where the UI is once it offers the definitions."""
    print(f"starting Dagster; its logs: {home}/*.log", flush=True)
    deadline = time.monotonic() + _READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if _offers_definitions():
            print(
                f"the UI is at {ui_address()}; drop files into {inbox_path()}; Ctrl-C stops it",
                flush=True,
            )
            return
        time.sleep(0.5)
    print(f"the UI does not answer; see {home}/webserver.log, {home}/code_server.log", flush=True)


def _offers_definitions() -> bool:
    query = "{repositoriesOrError{... on RepositoryConnection{nodes{name}}}}"
    address = f"http://127.0.0.1:{ui_port()}/graphql"
    try:
        answer = requests.post(address, json={"query": query}, timeout=10).json()
    except (requests.RequestException, ValueError):
        return False
    return bool((answer.get("data") or {}).get("repositoriesOrError", {}).get("nodes"))


def stop_workers() -> None:
    """Interrupt the workers of runs that are under way and wait for them."""
    workers = [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if "execute_run" in (process.info["cmdline"] or [])
        and (process.info["environ"] or {}).get("DAGSTER_HOME") == str(dagster_home().absolute())
    ]
    for worker in workers:
        worker.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(workers, timeout=_STOP_SECONDS)
    for worker in alive:
        worker.kill()


if __name__ == "__main__":
    main()
