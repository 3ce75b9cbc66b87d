"""The published copy: what is in it, when it is refused, and that readers never notice."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from shoptrack.cli import app
from shoptrack.landing.zone import point
from shoptrack.public_marts import public_marts
from shoptrack.publishing import STORAGE_VERSION, PublishError, duckdb_copy, publish
from tests.python.conftest import NewWarehouse
from tests.python.processes import held, run_python

SMALL = """
    create schema staging;
    create table staging.stg_shop__orders as select 1 as order_id;
    create schema intermediate;
    create table intermediate.int_reporting_currency as select 'EUR' as reporting_currency;
    create table intermediate.int_customers as
    select 'c' || n as customer_id, 1980 + n as birth_year, 'f' as gender, n as order_count
    from range(3) as numbers(n);
    create schema marts;
    create table marts.fct_orders as
    select
        'o' || n as order_id,
        date '2025-01-31' - cast(n % 5 as integer) as order_date,
        {worth} as net_sales
    from range({orders}) as numbers(n);
    create table marts.rpt_sales_daily as
    select order_date as report_date, 'EUR' as currency, sum(net_sales) as net_sales
    from marts.fct_orders group by order_date;
    create view marts.dim_customers as select * from intermediate.int_customers;
    create table marts.fct_nobody_knows as select 1 as number;
    comment on table marts.fct_orders is 'One row per order; it''s a table';
    comment on view marts.dim_customers is 'One row per customer';
    comment on column marts.fct_orders.net_sales is 'What the shop''s books say';
    comment on column marts.dim_customers.birth_year is 'Year of birth';
    create schema bookkeeping;
    create table bookkeeping.build_results (
        node_id varchar, status varchar, message varchar, invocation_id varchar, noted_at timestamp
    );
    insert into bookkeeping.build_results values
        ('model.shoptrack.fct_orders.v1', 'success', '', 'build 1', timestamp '2025-02-01'),
        ('test.shoptrack.order_id_is_key.ab12', 'pass', '', 'build 2', timestamp '2025-02-02');
"""
TOTALS = """
    select (select sum(net_sales) from fct_orders), (select sum(net_sales) from rpt_sales_daily)
"""
PUBLISH = """
import sys
from pathlib import Path
from shoptrack.publishing import publish
publish(Path(sys.argv[1]), Path(sys.argv[2]))
"""
KILLED = """
import os, signal, sys
from pathlib import Path
from shoptrack.publishing import duckdb_copy
setattr(duckdb_copy, sys.argv[3], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
duckdb_copy.publish(Path(sys.argv[1]), Path(sys.argv[2]))
"""
READ = f"""
import duckdb, json, sys
from pathlib import Path
seen = []
while not Path(sys.argv[2]).exists():
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        seen += connection.execute({TOTALS!r}).fetchall()
print(json.dumps([[float(value) for value in row] for row in seen]))
"""
READ_WITH_OLD_DUCKDB = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(duckdb.__version__, *connection.execute("select count(*) from fct_orders").fetchone())
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """A small warehouse after a good build."""
    return make_warehouse(tmp_path / "it's a [ware]house.duckdb")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the copy goes."""
    return tmp_path / "copies" / "published.duckdb"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, warehouse: Path, target: Path) -> None:
    """Let the command work on the small warehouse."""
    monkeypatch.setenv("SHOPTRACK_WAREHOUSE", str(warehouse))
    monkeypatch.setenv("SHOPTRACK_PUBLISHED", str(target))


def make_warehouse(path: Path, orders: int = 10, worth: int = 5) -> Path:
    """Write a small warehouse, as a good build leaves it."""
    write(path, SMALL.format(orders=orders, worth=worth))
    return path


def write(database: Path, statements: str) -> None:
    """Change a database file."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(statements)


def query(database: Path, sql: str) -> list[Any]:
    """Rows that a query gives."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows: list[Any] = connection.execute(sql).fetchall()
    return rows


def note(warehouse: Path, name: str, status: str) -> None:
    """Note what became of a node in a build."""
    write(
        warehouse,
        f"insert into bookkeeping.build_results values ('{name}', '{status}', '', 'x', now())",
    )


def refusal(warehouse: Path, target: Path) -> str:
    """Publish in vain; return what was said, which is one line."""
    with pytest.raises(PublishError) as caught:
        publish(warehouse, target)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def files(folder: Path) -> list[str]:
    """Names of the files beside the copy, without the folder's lock."""
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def shown(target: Path) -> list[str]:
    """Names of the link and of the file it names, as `files` has them."""
    return sorted([target.readlink().name, target.name])


def publish_command(*arguments: str) -> Result:
    """Run `shoptrack publish`."""
    return CliRunner().invoke(app, ["publish", *arguments])


# What is in it


def test_the_copy_holds_the_public_marts_and_nothing_else(warehouse: Path, target: Path) -> None:
    copy = publish(warehouse, target)
    tables = query(target, "select schema_name, table_name from duckdb_tables() order by all")
    assert tables == [
        ("about", "published_copy"),
        ("main", "dim_customers"),
        ("main", "fct_orders"),
        ("main", "rpt_sales_daily"),
    ]
    assert query(target, "select * from duckdb_views() where not internal") == []
    assert copy.path == target
    assert copy.row_counts == {"dim_customers": 3, "fct_orders": 10, "rpt_sales_daily": 5}
    assert copy.size_bytes == target.stat().st_size
    assert files(target.parent) == shown(target)


def test_personal_columns_are_in_it_only_when_asked_for(warehouse: Path, target: Path) -> None:
    columns = "select column_name from duckdb_columns() where table_name = 'dim_customers'"
    publish(warehouse, target)
    assert {name for (name,) in query(target, columns)} == {"customer_id", "order_count"}
    publish(warehouse, target, with_personal_columns=True)
    assert {name for (name,) in query(target, columns)} == {
        *("customer_id", "order_count", "birth_year", "gender"),
    }


def test_descriptions_come_along(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, with_personal_columns=True)
    tables = query(
        target,
        "select table_name, comment from duckdb_tables()"
        " where comment != '' and schema_name = 'main'",
    )
    assert dict(tables) == {
        "fct_orders": "One row per order; it's a table",
        "dim_customers": "One row per customer",
    }
    columns = query(
        target,
        "select column_name, comment from duckdb_columns()"
        " where comment != '' and schema_name = 'main'",
    )
    assert dict(columns) == {
        "net_sales": "What the shop's books say",
        "birth_year": "Year of birth",
    }


def test_rows_are_sorted_by_date_and_key(warehouse: Path, target: Path) -> None:
    publish(warehouse, target)
    stored = query(target, "select order_date, order_id from fct_orders order by rowid")
    assert stored == sorted(stored)
    assert stored[0] == (date(2025, 1, 27), "o4")


def test_what_is_copied_month_by_month_is_whole_and_sorted(
    warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into marts.fct_orders values ('new year', '2024-12-31', 1),"
            " ('no day', null, 1), ('first', '2025-01-01', 1), ('next', '2025-02-01', 1)"
        )
    monkeypatch.setattr("shoptrack.publishing.duckdb_copy._ROWS_SORTED_AT_ONCE", 1)
    published = publish(warehouse, target)
    stored = query(target, "select order_date, order_id from fct_orders order by rowid")
    by_date = query(target, "select order_date, order_id from fct_orders order by 1 nulls last, 2")
    assert stored == by_date
    assert published.row_counts["fct_orders"] == len(stored)
    assert [stored[0][1], stored[-1][1]] == ["new year", "no day"]


def test_the_copy_says_when_and_from_which_build_it_was_made(warehouse: Path, target: Path) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    publish(warehouse, target)
    rows = query(
        target, "select published_at, build_id, reporting_currency from about.published_copy"
    )
    [(published_at, build_id, currency)] = rows
    assert before <= published_at <= datetime.now(UTC).replace(tzinfo=None)
    assert (build_id, currency) == ("build 2", "EUR")


def test_marts_are_published_also_where_no_sales_were_built(warehouse: Path, target: Path) -> None:
    write(warehouse, "drop table marts.fct_orders")
    write(warehouse, "drop table intermediate.int_reporting_currency")
    assert publish(warehouse, target).row_counts == {"dim_customers": 3, "rpt_sales_daily": 5}
    assert query(target, "select reporting_currency from about.published_copy") == [(None,)]


def test_nobody_can_write_the_copy(warehouse: Path, target: Path) -> None:
    publish(warehouse, target)
    assert target.stat().st_mode & 0o777 == 0o444


def test_personal_columns_are_for_the_owner_and_the_group(warehouse: Path, target: Path) -> None:
    publish(warehouse, target, with_personal_columns=True)
    assert target.stat().st_mode & 0o777 == 0o440


def test_the_copy_has_the_storage_version_of_older_readers(warehouse: Path, target: Path) -> None:
    publish(warehouse, target)
    with duckdb.connect(str(target), read_only=True) as connection:
        [(tags,)] = connection.execute(
            "select tags from duckdb_databases() where database_name = 'published'"
        ).fetchall()
    assert STORAGE_VERSION == "v1.2.0"
    assert STORAGE_VERSION in tags["storage_version"]


@pytest.mark.slow
def test_an_older_duckdb_reads_the_copy(warehouse: Path, target: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(packages)]
    installed = subprocess.run(
        [*command, "duckdb==1.2.2"], capture_output=True, text=True, check=False
    )
    if installed.returncode:
        pytest.skip(f"pip cannot install duckdb 1.2.2: {installed.stderr.strip()[-300:]}")
    publish(warehouse, target)
    environment = os.environ | {"PYTHONPATH": str(packages)}
    read = run_python(READ_WITH_OLD_DUCKDB, target, environment=environment)
    assert read.stdout == "1.2.2 10\n", read.stderr


def test_a_real_build_is_published_row_for_row(
    new_warehouse: NewWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = datetime(2025, 3, 1, 12)
    events = [
        {
            "event_id": f"e{n}",
            "event_at": f"2025-03-0{n % 3 + 1} 10:00" if n else "some day",
            "event_name": "page_view",
            "visitor_id": f"v{n % 4}",
        }
        for n in range(12)
    ]
    orders = [
        {"order_id": f"o{n}", "ordered_at": "2025-03-02 11:00", "customer_id": "c", "total": "9.5"}
        for n in range(3)
    ]
    with new_warehouse() as built:
        for node in built.project.manifest.nodes.values():
            if "marts" in node.fqn and node.resource_type.value == "model":
                described = {"relation": True, "columns": True}
                monkeypatch.setattr(node.config, "persist_docs", described)
        built.land("web.events", events, "events.csv", moment)
        built.land("shop.orders", orders, "orders.csv", moment)
        built.build()
        target = built.folder / "published.duckdb"
        copy = publish(built.file, target)

        assert copy.row_counts.keys() == {mart.name for mart in public_marts()}
        assert copy.row_counts["fct_orders"] == 3
        assert copy.row_counts["fct_rejected_rows"] > 0
        found = query(target, "select table_name from duckdb_tables() where schema_name = 'main'")
        assert {name for (name,) in found} == copy.row_counts.keys()
        undescribed = query(
            target,
            "select table_name from duckdb_tables() where schema_name = 'main' and not internal"
            " and coalesce(comment, '') not like 'One row per %'"
            " union all"
            " select table_name || '.' || column_name from duckdb_columns()"
            " where schema_name = 'main' and not internal and coalesce(comment, '') = ''",
        )
        assert undescribed == []
        with duckdb.connect() as connection:
            for name, file in (("built", built.file), ("copy", target)):
                path = str(file).replace("'", "''")
                connection.execute(f"attach '{path}' as {name} (read_only)")
            for mart in public_marts():
                columns = ", ".join(c for c in mart.columns if c not in mart.personal)
                here = f"select {columns} from built.marts.{mart.name}"
                there = f"from copy.main.{mart.name}"
                for one, other in ((here, there), (there, here)):
                    left = connection.execute(f"{one} except all ({other})").fetchall()
                    assert left == [], mart.name


# When it is refused


@pytest.mark.parametrize("status", ["error", "runtime error", "fail", "skipped", "unfinished"])
def test_a_bad_build_keeps_the_copy_before_it(warehouse: Path, target: Path, status: str) -> None:
    publish(warehouse, target)
    before = target.stat()
    note(warehouse, "test.shoptrack.totals_agree.1a2b", status)
    said = refusal(warehouse, target)
    assert f"totals_agree ({status})" in said
    assert "run dbt build" in said
    after = target.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert files(target.parent) == shown(target)


def test_of_many_failures_a_few_are_named_and_the_others_counted(
    warehouse: Path, target: Path
) -> None:
    for number in range(8):
        note(warehouse, f"model.shoptrack.int_{number}", "skipped")
    said = refusal(warehouse, target)
    assert "int_0 (skipped), int_1 (skipped)" in said
    assert "int_4 (skipped) and 3 more" in said


def test_a_build_that_did_not_end_is_to_be_run_again(warehouse: Path, target: Path) -> None:
    note(warehouse, "model.shoptrack.fct_refunds.v1", "fail")
    assert refusal(warehouse, target).endswith(". Mend what failed and run dbt build")
    note(warehouse, "model.shoptrack.fct_sessions.v1", "unfinished")
    assert refusal(warehouse, target).endswith(". A build did not end: run dbt build")


def test_a_warning_does_not_keep_anything_back(warehouse: Path, target: Path) -> None:
    note(warehouse, "test.shoptrack.few_late_events.1a2b", "warn")
    assert publish(warehouse, target).row_counts["fct_orders"] == 10


def test_without_a_warehouse_the_next_step_is_a_build(tmp_path: Path, target: Path) -> None:
    said = refusal(tmp_path / "none.duckdb", target)
    assert "there is no warehouse at" in said
    assert "run dbt build first" in said


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        ("drop schema marts cascade", "holds no marts yet"),
        ("drop schema bookkeeping cascade", "holds no results of builds"),
    ],
)
def test_a_warehouse_without_marts_or_results_of_builds_is_not_published(
    warehouse: Path, target: Path, statements: str, words: str
) -> None:
    write(warehouse, statements)
    said = refusal(warehouse, target)
    assert words in said
    assert "run dbt build" in said
    assert not target.exists()


def test_a_warehouse_in_use_is_named_with_who_uses_it(warehouse: Path, target: Path) -> None:
    with held(warehouse) as process_id:
        said = refusal(warehouse, target)
    assert f"{warehouse} is in use by process {process_id}" in said
    assert publish(warehouse, target).row_counts["fct_orders"] == 10


@pytest.mark.usefixtures("settings")
def test_the_command_says_what_it_published_or_why_it_did_not(
    warehouse: Path, target: Path
) -> None:
    good = publish_command()
    assert good.exit_code == 0
    assert good.stdout.startswith("published 3 marts with 18 rows, ")
    assert good.stdout.endswith(f" MB: {target}\n")
    note(warehouse, "model.shoptrack.int_orders", "error")
    bad = publish_command()
    assert bad.exit_code == 1
    assert bad.stderr.startswith("shoptrack: the marts cannot be trusted: int_orders (error)")
    assert bad.stderr.count("\n") == 1


@pytest.mark.usefixtures("settings")
def test_a_folder_that_cannot_be_made_is_one_line(target: Path) -> None:
    target.parent.write_text("a file, not a folder", encoding="utf-8")
    result = publish_command()
    assert result.exit_code == 1
    assert result.stderr.startswith(f"shoptrack: the copy {target} cannot be written: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("make_alias", [os.link, os.symlink, None])
@pytest.mark.parametrize("keep", [0, 2])
def test_the_warehouse_is_never_replaced_by_its_copy(
    warehouse: Path, tmp_path: Path, make_alias: Callable[[Path, Path], None] | None, keep: int
) -> None:
    target = warehouse
    if make_alias:
        target = tmp_path / "alias.duckdb"
        make_alias(warehouse, target)
    before = files(tmp_path)
    with pytest.raises(PublishError, match="is the warehouse itself"):
        publish(warehouse, target, keep=keep)
    assert files(tmp_path) == before
    assert query(warehouse, "select count(*) from staging.stg_shop__orders") == [(1,)]


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", None])
def test_a_file_that_is_no_copy_is_not_replaced(
    warehouse: Path, target: Path, content: bytes | None
) -> None:
    target.parent.mkdir()
    if content is None:
        write(target, "create table own_work as select 1 as number")
    else:
        target.write_bytes(content)
    before = target.read_bytes()
    said = refusal(warehouse, target)
    assert f"{target} is no copy that shoptrack published: move it away" in said
    assert target.read_bytes() == before
    assert files(target.parent) == [target.name]


def test_what_does_not_fit_into_memory_is_spilled_beside_the_copy(
    warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = duckdb_copy._copy_mart

    def copied_while_spilling(connection: duckdb.DuckDBPyConnection, *given: Any) -> int:
        setting = "select current_setting('temp_directory')"
        spilled = Path(str(connection.execute(setting).fetchall()[0][0]))
        assert spilled.parent == target.parent
        spilled.mkdir(exist_ok=True)
        (spilled / "block").touch()  # as a publish that is killed leaves it
        return copied(connection, *given)

    monkeypatch.setattr(duckdb_copy, "_copy_mart", copied_while_spilling)
    assert publish(warehouse, target).row_counts["fct_orders"] == 10
    assert files(target.parent) == shown(target)


@pytest.mark.usefixtures("settings")
def test_a_memory_that_is_no_size_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTRACK_MEMORY", "lots")
    result = publish_command()
    assert result.exit_code == 1
    assert result.stderr.startswith("shoptrack: SHOPTRACK_MEMORY is 'lots': ")
    assert result.stderr.count("\n") == 1


def test_a_warehouse_may_be_called_like_the_copy(tmp_path: Path, target: Path) -> None:
    warehouse = make_warehouse(tmp_path / "published.duckdb")
    assert publish(warehouse, target).row_counts["dim_customers"] == 3


@pytest.mark.usefixtures("settings")
def test_a_full_disk_is_one_line_and_leaves_the_copy_before(warehouse: Path, target: Path) -> None:
    publish(warehouse, target)
    before = target.stat().st_ino
    done = subprocess.run(
        [str(Path(sys.executable).with_name("shoptrack")), "publish"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"shoptrack: the copy {target} cannot be written: ")
    assert done.stderr.count("\n") == 1
    assert target.stat().st_ino == before
    assert files(target.parent) == shown(target)


# Copies before it


@pytest.mark.parametrize("keep", [0, 1, 2, 5])
def test_as_many_copies_are_kept_as_were_asked_for(
    warehouse: Path, target: Path, keep: int
) -> None:
    published = []
    for count in range(1, 8):
        publish(warehouse, target, keep=keep)
        published.append(target.resolve())
        assert len(files(target.parent)) == 2 + min(keep, count - 1)
    assert sorted(target.parent.glob("published.*Z.duckdb")) == published[-1 - keep :]
    assert all(query(path, TOTALS) == [(50, 50)] for path in published[-1 - keep :])


def test_a_copy_has_the_time_of_its_publishing_in_its_name(warehouse: Path, target: Path) -> None:
    copy = publish(warehouse, target)
    assert target.resolve().name == f"published.{copy.published_at:%Y%m%dT%H%M%S%fZ}.duckdb"
    assert target.readlink().parent == Path(), "where the folder is seen elsewhere it leads nowhere"


def test_a_file_that_has_the_name_of_the_copy_is_kept_as_one_before_it(
    warehouse: Path, target: Path
) -> None:
    publish(warehouse, target, keep=0)
    target.resolve().rename(target)
    made_at = datetime(2025, 3, 31, 12, 30, 15, 250_000, UTC).timestamp()
    os.utime(target, (made_at, made_at))
    publish(warehouse, target, keep=1)
    assert files(target.parent) == ["published.20250331T123015250000Z.duckdb", *shown(target)]


def test_a_clock_that_is_set_back_costs_neither_the_new_copy_nor_the_one_before(
    warehouse: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = iter((3, 4, 1, 2))
    clock = SimpleNamespace(now=lambda zone: datetime(2025, 3, next(days), tzinfo=zone))
    monkeypatch.setattr(duckdb_copy, "datetime", clock)
    publish(warehouse, target)
    for _ in range(3):
        before = target.readlink().name
        publish(warehouse, target, keep=1)
        assert files(target.parent) == sorted([before, *shown(target)])


@pytest.mark.usefixtures("settings")
def test_fewer_kept_copies_than_before_removes_the_oldest(target: Path) -> None:
    for _ in range(4):
        assert publish_command("--keep", "3").exit_code == 0
    newest = target.readlink().name
    publish_command("--keep", "2")
    assert newest in files(target.parent)
    assert len(files(target.parent)) == 4
    publish_command("--keep", "0")
    assert files(target.parent) == shown(target)


def test_copies_of_another_target_beside_it_stay(warehouse: Path, target: Path) -> None:
    other = target.with_name("published.eu.duckdb")
    for _ in range(2):
        publish(warehouse, other)
    before = files(target.parent)
    for _ in range(2):
        publish(warehouse, target, keep=0)
    assert files(target.parent) == sorted([*before, *shown(target)])


# Processes


@pytest.mark.parametrize("moment", ["_comment_on", "_describe", "install", "point"])
def test_a_killed_publish_leaves_the_copy_before_and_is_cleaned_up(
    warehouse: Path, target: Path, moment: str
) -> None:
    publish(warehouse, target)
    before = target.stat().st_ino
    killed = run_python(KILLED, warehouse, target, moment)
    assert killed.returncode == -signal.SIGKILL
    left = set(files(target.parent)) - set(shown(target))
    assert any(name.startswith(".publishing-") for name in left) is (moment != "point")
    assert left, "it was killed before it wrote"
    assert target.stat().st_ino == before
    assert query(target, TOTALS) == [(50, 50)]

    publish(warehouse, target)
    assert target.stat().st_ino != before
    assert [name for name in files(target.parent) if name.startswith(".")] == []
    assert len(files(target.parent)) == (4 if moment == "point" else 3)


def test_publishes_at_once_follow_one_another(warehouse: Path, target: Path) -> None:
    command = [sys.executable, "-c", PUBLISH, str(warehouse), str(target)]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate()[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert len(files(target.parent)) == 4
    assert query(target, TOTALS) == [(50, 50)]


def test_readers_never_meet_an_error_or_half_of_a_publish(warehouse: Path, target: Path) -> None:
    other = make_warehouse(warehouse.with_name("other.duckdb"), orders=400_000, worth=7)
    publish(warehouse, target)
    stop = target.parent / "stop"
    command = [sys.executable, "-c", READ, str(target), str(stop)]
    readers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for number in range(6):
        time.sleep(0.5)
        publish(warehouse if number % 2 else other, target)
    time.sleep(0.5)
    stop.touch()
    seen: list[list[float]] = []
    for reader in readers:
        stdout, stderr = reader.communicate()
        assert reader.returncode == 0, stderr
        seen += json.loads(stdout)
    assert len(seen) > 50
    assert {tuple(row) for row in seen} == {(50, 50), (2_800_000, 2_800_000)}


def test_readers_never_meet_an_error_however_often_the_copy_is_swapped(
    warehouse: Path, target: Path
) -> None:
    other = make_warehouse(warehouse.with_name("other.duckdb"), orders=400_000, worth=7)
    copies = []
    for database in (warehouse, other):
        publish(database, target)
        copies.append(target.resolve())
    stop = target.parent / "stop"
    reader = subprocess.Popen(
        [sys.executable, "-c", READ, str(target), str(stop)], stdout=subprocess.PIPE, text=True
    )
    for number in range(3000):
        point(target, copies[number % 2], target.with_name(".next"))
        time.sleep(0.001)
    stop.touch()
    seen = {tuple(row) for row in json.loads(reader.communicate()[0])}
    assert seen == {(50, 50), (2_800_000, 2_800_000)}


def test_a_reader_that_stays_keeps_its_data_and_new_ones_see_the_new(
    warehouse: Path, target: Path
) -> None:
    publish(warehouse, target)
    with duckdb.connect(str(target), read_only=True) as connection:
        assert connection.execute(TOTALS).fetchall() == [(50, 50)]
        write(warehouse, "update marts.fct_orders set net_sales = 6")
        write(warehouse, "update marts.rpt_sales_daily set net_sales = 12")
        published = run_python(PUBLISH, warehouse, target)
        assert published.returncode == 0, published.stderr
        assert connection.execute(TOTALS).fetchall() == [(50, 50)]
    assert query(target, TOTALS) == [(60, 60)]


@pytest.mark.usefixtures("settings")
def test_status_reads_the_copy_while_a_build_holds_the_warehouse(
    warehouse: Path, target: Path
) -> None:
    write(warehouse, "create table marts.dim_visitors as select false as is_bot")
    write(warehouse, "alter table marts.dim_visitors add column visitor_id varchar default 'v'")
    made_at = publish(warehouse, target).published_at
    write(warehouse, "insert into marts.dim_visitors values (false, 'w')")
    with held(warehouse):
        during = CliRunner().invoke(app, ["status"])
    assert during.exit_code == 0
    assert during.stderr == (
        f"A build is running; this is the copy {target} of {made_at:%Y-%m-%d %H:%M} UTC:\n\n"
    )
    assert during.stdout.splitlines()[0].split() == ["visitors", "1"]
    after = CliRunner().invoke(app, ["status"])
    assert after.stderr == ""
    assert after.stdout.splitlines()[0].split() == ["visitors", "2"]


@pytest.mark.usefixtures("settings")
@pytest.mark.parametrize("is_database", [True, False])
def test_status_says_when_what_lies_at_the_copy_is_none(
    warehouse: Path, target: Path, is_database: bool
) -> None:
    target.parent.mkdir()
    if is_database:
        write(target, "create table fct_rejected_rows as select 1 as number")
    else:
        target.write_text("no database", encoding="utf-8")
    with held(warehouse):
        result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "shoptrack: a build is running, and the copy says nothing: " in result.stderr
    assert str(target) in result.stderr
    assert result.stderr.count("\n") == 1
