"""dbt's own documentation as one HTML file: lineage, SQL, tests, and what the warehouse holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoptrack.contract import PROJECT_ROOT

_DBT = Path(sys.executable).parent / "dbt"
_FIRST_LINES = 6


class DocumentationError(RuntimeError):
    """The site was not made; the message says why and what to do."""


@dataclass(frozen=True)
class DbtDocs:
    """dbt's manifest, its page, and why the page lacks the warehouse's catalogue, if it does."""

    manifest: Mapping[str, Any]
    page: str
    missing: str | None


def make_dbt_docs(folder: Path, warehouse: Path) -> DbtDocs:
    """Parse the project and let dbt write its documentation; `folder` takes dbt's artifacts.

    Sizes, compiled SQL and the columns of staging come from the warehouse. Where it was not built
    yet, or dbt cannot read it, they are left out. Raises DocumentationError when the project
    cannot be parsed.
    """
    missing = None if warehouse.exists() else f"there is no warehouse at {warehouse} yet"
    if missing is None:
        problem = _run(folder, warehouse, "docs", "generate", "--static")
        missing = problem and f"dbt could not read the warehouse at {warehouse}: {problem}"
    if missing is not None:
        without = ("--no-compile", "--empty-catalog")
        problem = _run(folder, warehouse, "parse") or _run(
            folder, warehouse, "docs", "generate", "--static", *without
        )
        if problem:
            raise DocumentationError(f"dbt cannot document the project: {problem}")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    page = (folder / "static_index.html").read_text(encoding="utf-8")
    return DbtDocs(manifest, _without_paths(page, folder), missing)


def _without_paths(page: str, folder: Path) -> str:
    """A page to give to others does not say where on this machine it was made."""
    for path in (folder, PROJECT_ROOT):
        page = page.replace(json.dumps(str(path))[1:-1], ".")
    return page


def _run(folder: Path, warehouse: Path, *arguments: str) -> str | None:
    """Run dbt; return what it said if it failed."""
    options = ("--quiet", "--no-use-colors", "--no-version-check")
    places = {"project-dir": PROJECT_ROOT, "profiles-dir": PROJECT_ROOT, "target-path": folder}
    done = subprocess.run(
        [_DBT, *options, *arguments, *(f"--{name}={path}" for name, path in places.items())],
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT_ROOT,
        env={
            **os.environ,
            "SHOPTRACK_WAREHOUSE": str(warehouse),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
    )
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    return " ".join(lines[:_FIRST_LINES]) or f"it ended with {done.returncode}"
