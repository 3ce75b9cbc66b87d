"""A PostgreSQL server of its own for tests and benchmarks, with Debian's programs."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

SUPERUSER = "postgres"
NOT_INSTALLED = "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
_FOLDERS = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """Folder of the newest server's programs; None where no server is installed."""
    found = sorted(_FOLDERS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Server:
    """A running server. On its socket everybody is trusted, over TCP passwords are asked for."""

    folder: Path
    port: int
    password: str
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str = "postgres", role: str = SUPERUSER) -> str:
        """URL over the socket."""
        return f"postgresql://{role}@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str, role: str, password: str) -> str:
        """URL over TCP, with a password."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def new_database(self, options: str = "") -> str:
        """Make an empty database; return its name."""
        name = f"shop_{next(self._numbers)}"
        self.run("postgres", f"create database {name} {options}")
        return name

    def run(self, database: str, statement: str, role: str = SUPERUSER) -> None:
        """Execute statements and commit."""
        with psycopg.connect(self.url(database, role), autocommit=True) as connection:
            connection.execute(statement.encode())

    def rows(self, database: str, query: str, role: str = SUPERUSER) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with psycopg.connect(self.url(database, role), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


@contextmanager
def running_server(*settings: str) -> Iterator[Server]:
    """A new server with an own data folder, removed afterwards. `settings` are name=value."""
    folder = Path(tempfile.mkdtemp(prefix="pg_", dir="/tmp"))  # a socket's path must be short
    try:
        as_user = _unprivileged(folder)
        data, port, password = folder / "data", _free_port(), secrets.token_hex(16)
        (folder / "password").write_text(password, encoding="utf-8")
        (folder / "password").chmod(0o644)
        bin_folder = programs()
        assert bin_folder
        initdb = [bin_folder / "initdb", "--pgdata", data, "--username", SUPERUSER]
        initdb += ["--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8"]
        initdb += ["--locale=C.UTF-8", "--no-sync", "--pwfile", folder / "password"]
        _run(folder, [*as_user, *initdb])
        values = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
        options = " ".join(f"-c {value}" for value in (*values, "fsync=off", *settings))
        control = [*as_user, bin_folder / "pg_ctl", "--pgdata", data, "--log", folder / "log"]
        _run(folder, [*control, "--wait", "--options", options, "start"])
        try:
            yield Server(folder, port, password)
        finally:
            _run(folder, [*control, "--mode", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


def _unprivileged(folder: Path) -> list[str]:
    """What a command begins with so that root does not run it: PostgreSQL refuses root."""
    if os.getuid() != 0:
        return []
    users = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in users else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["runuser", "-u", user.pw_name, "--"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _run(folder: Path, command: list[Any]) -> None:
    """Run a program; raises RuntimeError with what it and the server said where it fails."""
    said = folder / "said"
    with said.open("w", encoding="utf-8") as file:
        done = subprocess.run(
            [str(part) for part in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server keeps both open, so they must not be pipes
            stderr=file,
            check=False,
        )
    if done.returncode != 0:
        files = [path for path in (said, folder / "log") if path.exists()]
        text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{text}")
