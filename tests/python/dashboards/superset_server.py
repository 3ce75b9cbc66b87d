"""Superset as `make superset` serves it, over a copy of the published demo shop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.python.dashboards.superset_files import FOLDER
from tests.python.orchestration.serving import free_port

INSTALLED_WITHIN_SECONDS = 1200
SERVED_WITHIN_SECONDS = 300


@dataclass(frozen=True)
class Superset:
    """A project folder with the dashboards, a published copy and Superset's own data.

    SHOPTRACK_SUPERSET_VENV names an environment made before, and saves the download.
    """

    folder: Path
    port: int

    @property
    def program(self) -> Path:
        """The one command."""
        return self.folder / "dashboards" / "superset" / "superset"

    @property
    def published(self) -> Path:
        """The published copy that it reads."""
        return self.folder / "data" / "published.duckdb"

    @property
    def home(self) -> Path:
        """Superset's own data."""
        return self.folder / "data" / "superset"

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def password(self) -> str:
        """The first user's password, where the command put it."""
        return (self.home / "admin_password").read_text(encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """The tester's environment without settings of Superset and of another published copy."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SUPERSET_")
            and name not in ("SHOPTRACK_PUBLISHED", "PYTHONPATH")
        }
        venv = os.environ.get("SHOPTRACK_SUPERSET_VENV") or str(self.folder / ".venv-superset")
        port, workers = str(self.port), "2"
        return {**kept, "SUPERSET_VENV": venv, "SUPERSET_PORT": port, "SUPERSET_WORKERS": workers}

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the command and wait for its end."""
        return subprocess.run(
            [self.program, *arguments],
            env={**self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=INSTALLED_WITHIN_SECONDS,
        )

    def why_not_installed(self) -> str | None:
        """Install it where it is not yet; return what stands against that, None if nothing."""
        if not os.environ.get("SHOPTRACK_SUPERSET_VENV") and not shutil.which("python3.11"):
            return "neither SHOPTRACK_SUPERSET_VENV nor python3.11 is there to install Superset"
        said = self.run("version").stderr
        return said[-1000:] if "Superset could not be installed" in said else None

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it; give what it said until it was ready."""
        log = self.folder / "served.log"
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                [self.program], env=self.environment, stdout=output, stderr=output
            )
        try:
            self._wait(process, log)
            yield log.read_text(encoding="utf-8")
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        end = time.monotonic() + SERVED_WITHIN_SECONDS
        while time.monotonic() < end:
            with suppress(requests.RequestException):
                if requests.get(f"{self.address}/health", timeout=10).ok:
                    return
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.5)
        raise AssertionError(f"not served in time: {log.read_text(encoding='utf-8')}")

    def session(self, user: str = "admin", password: str | None = None) -> Api:
        """Log in to the API."""
        api = Api(self.address)
        credentials = {"username": user, "password": password or self.password, "provider": "db"}
        token = api.post("security/login", {**credentials, "refresh": False})["access_token"]
        api.session.headers["Authorization"] = f"Bearer {token}"
        csrf = api.get("security/csrf_token/")["result"]
        api.session.headers.update({"X-CSRFToken": csrf, "Referer": self.address})
        return api


class Api:
    """Superset's REST API for one user."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()

    def get(self, path: str) -> dict[str, Any]:
        """Answer of a GET request."""
        return self._answer(self.session.get(f"{self.address}/api/v1/{path}", timeout=60))

    def post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Answer of a POST request."""
        url = f"{self.address}/api/v1/{path}"
        return self._answer(self.session.post(url, json=content, timeout=60))

    def put(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        """Answer of a PUT request."""
        url = f"{self.address}/api/v1/{path}"
        return self._answer(self.session.put(url, json=content, timeout=60))

    @staticmethod
    def _answer(response: requests.Response) -> dict[str, Any]:
        assert response.ok, f"{response.status_code}: {response.text[:500]}"
        answer: dict[str, Any] = response.json()
        return answer


def new_superset(folder: Path, published: Path) -> Superset:
    """A project folder of its own with the dashboards and a copy of the published marts."""
    superset = Superset(folder, free_port())
    shutil.copytree(FOLDER, superset.program.parent, ignore=shutil.ignore_patterns("__pycache__"))
    superset.published.parent.mkdir(parents=True)
    shutil.copy(published, superset.published)
    return superset
