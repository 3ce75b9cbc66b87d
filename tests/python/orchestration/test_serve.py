"""What `make ui` does before it starts anything."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from orchestration.serve import FOLDER, make_storage


def test_the_storage_is_whole_before_three_processes_open_it(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "dagster.yaml", tmp_path)
    for _ in range(2):
        make_storage(tmp_path)
    databases = sorted(tmp_path.rglob("*.db"))
    assert {path.stem for path in databases} >= {"runs", "schedules"}
    for path in databases:
        with sqlite3.connect(path) as connection:
            heads = connection.execute("select count(*) from alembic_version").fetchall()
        assert heads == [(1,)], path
