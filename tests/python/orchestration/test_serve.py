"""What `make ui` does before it starts anything."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from orchestration.serve import FOLDER, make_storage
from orchestration.settings import ui_port


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


@pytest.mark.parametrize("given", ["abc", "0", "70000", "-1", "3000.5"])
def test_a_port_that_is_none_is_told(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTRACK_UI_PORT", given)
    with pytest.raises(ValueError, match=f"SHOPTRACK_UI_PORT is '{given}': give the number of a"):
        ui_port()
    monkeypatch.setenv("SHOPTRACK_UI_PORT", "")
    assert ui_port() == 3000
