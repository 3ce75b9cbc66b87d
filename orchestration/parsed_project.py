"""What dbt parsed: the manifest that assets, checks and exposures are made from."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import absolute_paths, dagster_home
from shoptrack.contract import PROJECT_ROOT

DBT = Path(sys.executable).with_name("shoptrack-dbt")
_READ_BY_DBT = ("models", "macros", "seeds", "tests", "dbt_project.yml", "profiles.yml")


class ParseError(RuntimeError):
    """dbt cannot parse the project; the message is dbt's own."""


def dbt_folder() -> Path:
    """Folder of dbt's artifacts, one for all runs: there is one writer at a time."""
    return dagster_home() / "dbt"


def manifest_path() -> Path:
    """Path of the manifest; dbt parses the project only when a file of it changed since."""
    folder = dbt_folder() / "parsed"
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.json"
    with _locked(folder):
        if not manifest.exists() or manifest.stat().st_mtime < _newest_change():
            _parse(folder)
    return manifest


@cache
def manifest() -> dict[str, Any]:
    """Return the manifest, read once."""
    content: dict[str, Any] = json.loads(manifest_path().read_bytes())
    return content


def project_vars() -> dict[str, Any]:
    """Return the vars of dbt_project.yml with their defaults."""
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["vars"]
    return found


def _newest_change() -> float:
    paths = (PROJECT_ROOT / name for name in _READ_BY_DBT)
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")))
    return max(file.stat().st_mtime for file in files if file.suffix != ".py")


def _parse(folder: Path) -> None:
    paths = ["--target-path", str(folder), "--log-path", str(folder)]  # code may be read-only
    command = [str(DBT), "--quiet", "parse", *paths]
    result = subprocess.run(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, **absolute_paths()},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise ParseError(f"dbt cannot parse the project:\n{result.stdout}{result.stderr}")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process parse while others wait for what it finds."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
