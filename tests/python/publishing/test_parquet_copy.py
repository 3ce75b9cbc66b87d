"""The Parquet export: the same rows as the copy, described, and never seen half."""

from __future__ import annotations

import json
import signal
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from shoptrack.cli import app
from shoptrack.public_marts import public_marts
from shoptrack.publishing import PublishError, export_parquet, parquet_copy
from tests.python.processes import run_python
from tests.python.publishing.copies import small_copy
from tests.python.test_publishing import make_warehouse

KILLED = """
import os, signal, sys
from pathlib import Path
from shoptrack.publishing import parquet_copy
setattr(parquet_copy, sys.argv[3], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
parquet_copy.export_parquet(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of ten orders of 5 each."""
    return small_copy(tmp_path / "copy.duckdb")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files go: its name means something in a pattern."""
    return tmp_path / "exports" / "marts [a]"


def total(folder: Path) -> int:
    """Net sales of the exported orders."""
    return int(sum(pq.read_table(folder / "fct_orders.parquet")["net_sales"].to_pylist()))


def names(folder: Path) -> list[str]:
    """What lies beside the export, the lock and it aside."""
    return sorted(p.name for p in folder.parent.iterdir() if p.name not in (".lock", folder.name))


@pytest.fixture(scope="module")
def demo_export(demo_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop's marts as Parquet."""
    return export_parquet(demo_copy, tmp_path_factory.mktemp("export") / "marts").folder


def test_files_hold_every_row_and_column_of_the_copy_in_its_order(
    demo_copy: Path, demo_export: Path
) -> None:
    expected = {f"{mart.name}.parquet" for mart in public_marts()}
    files = {path.name for path in demo_export.iterdir()}
    assert files == expected | {"about.published_copy.parquet"}
    with duckdb.connect(str(demo_copy), read_only=True) as connection:
        for mart in public_marts():
            here = connection.execute(f"from main.{mart.name}").fetchall()
            file = demo_export / f"{mart.name}.parquet"
            assert connection.execute(f"from '{file}'").fetchall() == here
            assert str(connection.sql(f"from '{file}'").types) == str(
                connection.sql(f"from main.{mart.name}").types
            )


def test_files_are_compressed_sorted_and_described(demo_export: Path) -> None:
    file = pq.ParquetFile(demo_export / "rpt_traffic_daily.parquet")
    group = file.metadata.row_group(0)
    assert group.column(0).compression == "ZSTD"
    assert [group.column(s.column_index).path_in_schema for s in group.sorting_columns] == [
        *("report_date", "channel", "device_category", "country"),
    ]
    assert file.schema_arrow.field("sessions").metadata[b"description"] == b"Number of sessions."
    footer = {key.decode(): value.decode() for key, value in file.metadata.metadata.items()}
    assert footer["description"].startswith("One row per day, channel")
    assert json.loads(footer["column_descriptions"])["sessions"] == "Number of sessions."


def test_a_new_export_takes_the_place_at_once_and_the_one_before_stays_for_its_readers(
    copy: Path, folder: Path, tmp_path: Path
) -> None:
    export_parquet(copy, folder)
    for worth in (6, 7, 8):
        before = folder.resolve()
        export_parquet(small_copy(tmp_path / "newer.duckdb", worth=worth), folder)
        assert total(folder) == 10 * worth
        assert before.exists()
    assert total(before) == 70
    assert len(names(folder)) == 2


def test_a_clock_that_is_set_back_costs_neither_the_new_export_nor_the_one_before(
    copy: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = iter((3, 4, 1, 2))
    clock = SimpleNamespace(now=lambda zone: datetime(2025, 3, next(days), tzinfo=zone))
    monkeypatch.setattr(parquet_copy, "datetime", clock)
    export_parquet(copy, folder)
    for worth in (6, 7, 8):
        before = folder.resolve()
        export_parquet(small_copy(tmp_path / "newer.duckdb", worth=worth), folder)
        assert total(folder) == 10 * worth
        assert names(folder) == sorted((before.name, folder.resolve().name))


@pytest.mark.parametrize("moment", ["_write_about", "flush_to_disk", "point"])
def test_a_killed_export_leaves_the_one_before_and_is_cleaned_up(
    copy: Path, folder: Path, moment: str, tmp_path: Path
) -> None:
    export_parquet(copy, folder)
    newer = small_copy(tmp_path / "newer.duckdb", worth=7)
    killed = run_python(KILLED, newer, folder, moment)
    assert killed.returncode == -signal.SIGKILL
    assert total(folder) == 50
    export_parquet(newer, folder)
    assert total(folder) == 70
    assert len(names(folder)) == 2
    assert not any(name.endswith((".unfinished", ".link")) for name in names(folder))


def test_what_shoptrack_did_not_export_is_never_replaced(
    copy: Path, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PublishError, match="holds something that shoptrack did not export"):
        export_parquet(copy, folder)
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(PublishError, match="holds something that shoptrack did not export"):
        export_parquet(copy, link)
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_may_be_there_already(copy: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    export_parquet(copy, folder)
    assert total(folder) == 50


def test_a_folder_that_cannot_be_written_is_one_line(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(PublishError, match="cannot be written") as caught:
        export_parquet(copy, tmp_path / "file" / "marts")
    assert "\n" not in str(caught.value)


def test_the_command_exports_what_it_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_WAREHOUSE", str(make_warehouse(tmp_path / "warehouse.duckdb")))
    monkeypatch.setenv("SHOPTRACK_PUBLISHED", str(tmp_path / "published.duckdb"))
    folder = tmp_path / "parquet"
    result = CliRunner().invoke(app, ["publish", "--parquet", str(folder)])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[1].startswith("exported  3 marts with 18 rows, 0.0 MB: ")
    assert total(folder) == 50
    assert "gender" not in pq.read_schema(folder / "dim_customers.parquet").names
