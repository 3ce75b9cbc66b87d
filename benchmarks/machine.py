"""What a measurement was made on, and of which code."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from shoptrack.contract import PROJECT_ROOT

PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb")


def machine_facts() -> dict[str, Any]:
    """Cores, memory in GiB, processor, system, versions, and the commit with what was changed."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "commit": _git("rev-parse", "--short", "HEAD"),
        "is_changed": bool(_git("status", "--porcelain", "--untracked-files=no")),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    found = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip()
