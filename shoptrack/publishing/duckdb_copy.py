"""The published copy: one read-only DuckDB file with the public marts, swapped in at once.

DuckDB lets a file have one writer or many readers. So BI tools never open the warehouse: they read
this copy, and a new one takes its name while old readers go on with the old one. The name is a
symbolic link: DuckDB opens a file several times by its path until it is read, and resolves links
before, so that all of it is of one copy.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb

from shoptrack.landing.zone import folder_lock, install, point
from shoptrack.memory import MemoryLimitError, memory_limit
from shoptrack.public_marts import Mart, public_marts
from shoptrack.publishing.errors import PublishError
from shoptrack.quoting import literal, quoted, quoted_list
from shoptrack.spark_tables import SparkTablesError, reading, show_tables
from shoptrack.warehouse import describe_open_error

# The oldest readers in use open it; the newest format would shut out all but the newest DuckDB.
STORAGE_VERSION = "v1.2.0"
KEPT_COPIES = 2
_TEMPORARY_PREFIX = ".publishing-"
_SPILLED = ".tmp"
_COPY = "copy_of_marts"  # its name while it is written: not one that a warehouse has
ABOUT_COMMENT = "One row: when and from what this copy of the marts was made"
ABOUT_COLUMNS = {
    "published_at": "UTC moment at which the copy was begun",
    "shoptrack_version": "Version of shoptrack that made the copy",
    "build_id": "dbt's invocation id of the newest build in it",
    "reporting_currency": "Currency of the columns in _reporting; null without sales marts",
}
_BAD_STATES = ("error", "runtime error", "fail", "skipped", "unfinished")
_MOST_NAMES = 5
NOT_ENDED = "A build did not end:"
_ROWS_SORTED_AT_ONCE = 4_000_000  # some 40 columns of so many fit into 6 GB


@dataclass(frozen=True)
class PublishedCopy:
    """What was published: the file, rows per mart, the moment (UTC), and its size in bytes."""

    path: Path
    row_counts: dict[str, int]
    published_at: datetime
    size_bytes: int


def publish(
    warehouse: Path,
    target: Path,
    *,
    with_personal_columns: bool = False,
    keep: int = KEPT_COPIES,
) -> PublishedCopy:
    """Copy the public marts of a warehouse to a new file and let the link `target` name it.

    The file stands beside the link, with its time in the name; so do copies before it, `keep` in
    all. Nobody can write it, and with personal columns only its owner and group can read it.
    Raises PublishError when there are no marts, a build holds the warehouse or did not end well,
    the target cannot be written, or it is the warehouse itself or no copy of marts.
    """
    try:
        refuse_foreign(warehouse, target)
        target.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(target.parent):
            _remove_leftovers(target.parent)
            return _publish(warehouse, target, with_personal_columns, keep)
    except OSError as error:
        raise PublishError(f"the copy {target} cannot be written: {error}") from error


def refuse_foreign(warehouse: Path, target: Path) -> None:
    """Raise PublishError where the target is the warehouse, or holds what nobody published."""
    if not target.exists():
        return
    if warehouse.exists() and target.samefile(warehouse):
        raise PublishError(
            f"{target} is the warehouse itself: let SHOPTRACK_PUBLISHED name another file"
        )
    with in_memory() as connection:
        try:
            connection.execute(f"attach {literal(str(target))} as target (read_only)")
            connection.execute("select published_at from target.about.published_copy")
        except duckdb.Error as error:
            reason = " ".join(str(error).split())
            raise PublishError(
                f"{target} is no copy that shoptrack published: move it away, or let"
                f" SHOPTRACK_PUBLISHED name another file ({reason})"
            ) from error


def _publish(warehouse: Path, target: Path, with_personal: bool, keep: int) -> PublishedCopy:
    temporary = target.parent / f"{_TEMPORARY_PREFIX}{os.getpid()}"
    published_at = datetime.now(UTC)
    try:
        with _opened(warehouse) as connection:
            spilled = literal(f"{temporary}{_SPILLED}")  # not in the folder the program runs in
            connection.execute(f"set temp_directory = {spilled}")
            build = _newest_build(connection, is_spark=warehouse.is_dir())
            marts = _built_marts(connection)
            try:
                row_counts = _copy(connection, marts, temporary, published_at, with_personal)
            except duckdb.Error as error:
                _refuse_changed(warehouse, build)
                reason = " ".join(str(error).split())  # DuckDB's own words may be several lines
                raise PublishError(f"the copy {target} cannot be written: {reason}") from error
        _refuse_changed(warehouse, build)
        temporary.chmod(0o440 if with_personal else 0o444)
        _show(temporary, target, published_at, keep)
    finally:
        _remove_leftovers(target.parent)
    return PublishedCopy(target, row_counts, published_at, target.stat().st_size)


@contextmanager
def _opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, read-only: no build can change it meanwhile, if it is a file."""
    if not warehouse.exists():
        raise PublishError(f"there is no warehouse at {warehouse} yet: run dbt build first")
    if warehouse.is_dir():
        try:
            with reading(warehouse), in_memory() as connection:
                show_tables(connection, warehouse)
                yield connection
        except SparkTablesError as error:
            raise PublishError(str(error)) from error
        return
    name = quoted(warehouse.stem)  # views name the database they were made in
    with in_memory() as connection:
        try:
            connection.execute(f"attach {literal(str(warehouse))} as {name} (read_only)")
        except duckdb.Error as error:
            raise PublishError(describe_open_error(str(warehouse), error)) from error
        connection.execute(f"use {name}")
        yield connection


def in_memory() -> duckdb.DuckDBPyConnection:
    """A database of its own to attach others to, within `SHOPTRACK_MEMORY`."""
    try:
        memory = memory_limit()
    except MemoryLimitError as error:
        raise PublishError(str(error)) from None
    connection = duckdb.connect(config={"threads": 2, "memory_limit": memory})
    connection.execute("set enable_progress_bar = false")  # it would get into logs
    return connection


def _newest_build(connection: duckdb.DuckDBPyConnection, *, is_spark: bool) -> str:
    """dbt's id of the newest build; raises PublishError where the last builds did not end well."""
    try:
        rows = connection.execute(
            "select node_id, status from bookkeeping.build_results order by status, node_id"
        ).fetchall()
    except duckdb.CatalogException:
        raise PublishError("this warehouse holds no results of builds: run dbt build") from None
    if not rows:
        raise PublishError("this warehouse holds no results of builds: run dbt build")
    bad = [f"{node_id.split('.')[2]} ({status})" for node_id, status in rows if _is_bad(status)]
    if bad:
        names = ", ".join(bad[:_MOST_NAMES])
        more = f" and {len(bad) - _MOST_NAMES} more" if len(bad) > _MOST_NAMES else ""
        has_ended = all(status != "unfinished" for _, status in rows)
        not_ended = "A build is running, or did not end: if none runs," if is_spark else NOT_ENDED
        advice = "Mend what failed and run" if has_ended else f"{not_ended} run"
        raise PublishError(f"the marts cannot be trusted: {names}{more}. {advice} dbt build")
    newest = "select max_by(invocation_id, noted_at) from bookkeeping.build_results"
    return str(connection.execute(newest).fetchall()[0][0])


def _refuse_changed(warehouse: Path, build: str) -> None:
    """Spark's tables cannot be held: what was read holds only if no build began meanwhile."""
    if not warehouse.is_dir():
        return
    try:
        with _opened(warehouse) as connection:
            is_same = _newest_build(connection, is_spark=True) == build
    except (PublishError, duckdb.Error):
        is_same = False
    if not is_same:
        raise PublishError(
            f"the warehouse {warehouse} is in use by a build, which began while the marts were"
            " copied: publish again when it has ended"
        )


def _is_bad(status: str) -> bool:
    return status in _BAD_STATES


def _built_marts(connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    rows = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    ).fetchall()
    built = {name for (name,) in rows}
    marts = [mart for mart in public_marts() if mart.name in built]
    if not marts:
        raise PublishError("the warehouse holds no marts yet: run dbt build first")
    return marts


def _copy(
    connection: duckdb.DuckDBPyConnection,
    marts: list[Mart],
    temporary: Path,
    published_at: datetime,
    with_personal: bool,
) -> dict[str, int]:
    """Write all marts to a new file; return their rows.

    Each mart in a transaction of its own, or memory would have to hold what none may see yet.
    """
    storage = f"storage_version '{STORAGE_VERSION}'"
    connection.execute(f"attach {literal(str(temporary))} as {_COPY} ({storage})")
    currency = _reporting_currency(connection)
    row_counts = {
        mart.name: _copy_mart(connection, mart, () if with_personal else mart.personal)
        for mart in marts
    }
    _describe(connection, published_at, currency)
    connection.execute(f"detach {_COPY}")
    return row_counts


def _copy_mart(connection: duckdb.DuckDBPyConnection, mart: Mart, left_out: tuple[str, ...]) -> int:
    rows = connection.execute(
        "select column_name, comment from duckdb_columns() where schema_name = 'marts'"
        " and table_name = ? and database_name = current_database() order by column_index",
        [mart.name],
    ).fetchall()
    comments = {name: comment for name, comment in rows if name not in left_out}
    copy, columns = f"{_COPY}.main.{mart.name}", quoted_list(comments)
    source = f"select {columns} from marts.{mart.name}"
    connection.execute(f"create table {copy} as {source} limit 0")
    parts = _parts(connection, mart)
    for condition, _ in parts:
        connection.execute(
            f"insert into {copy} {source} where {condition} order by {quoted_list(mart.order)}"
        )
    _comment_on(connection, mart.name, comments)
    here = sum(rows for _, rows in parts)
    ((there,),) = connection.execute(f"select count(*) from {copy}").fetchall()
    if here != there:
        raise PublishError(f"{mart.name} has {here} rows and its copy {there}; publish again")
    return int(there)


def _parts(connection: duckdb.DuckDBPyConnection, mart: Mart) -> list[tuple[str, int]]:
    """Conditions that cut a mart into months of its date, in order, each with its rows.

    Months that can be sorted at once are one part; so is a mart without a date.
    """
    column = quoted(mart.dates[0]) if mart.dates else "cast(null as date)"
    months = connection.execute(
        f"select cast(date_trunc('month', {column}) as date), count(*)"
        f" from marts.{mart.name} group by 1 order by 1 nulls last"
    ).fetchall()
    total = sum(rows for _, rows in months)
    if not mart.dates or total <= _ROWS_SORTED_AT_ONCE:
        return [("true", total)]
    return [(_is_in(month, column), rows) for month, rows in months]


def _is_in(month: date | None, column: str) -> str:
    """Condition on a date column that zone maps can answer; month: its first day."""
    if month is None:
        return f"{column} is null"
    next_month = (month + timedelta(days=31)).replace(day=1)
    return f"{column} >= '{month}' and {column} < '{next_month}'"


def _comment_on(
    connection: duckdb.DuckDBPyConnection, mart: str, comments: dict[str, str | None]
) -> None:
    found = connection.execute(
        "select comment from duckdb_tables() where schema_name = 'marts' and table_name = $1"
        " union all"
        " select comment from duckdb_views() where schema_name = 'marts' and view_name = $1",
        [mart],
    ).fetchall()
    connection.execute(f"comment on table {_COPY}.main.{mart} is {literal(found[0][0])}")
    for column, comment in comments.items():
        connection.execute(
            f"comment on column {_COPY}.main.{mart}.{quoted(column)} is {literal(comment)}"
        )


def _describe(
    connection: duckdb.DuckDBPyConnection, published_at: datetime, currency: str | None
) -> None:
    """Say in a schema of its own when and from what the copy was made."""
    connection.execute(f"create schema {_COPY}.about")
    connection.execute(
        f"create table {_COPY}.about.published_copy as"
        " select cast($1 as timestamp) as published_at, $2 as shoptrack_version,"
        " max_by(invocation_id, noted_at) as build_id,"
        " cast($3 as varchar) as reporting_currency from bookkeeping.build_results",
        [published_at.replace(tzinfo=None), version("shoptrack"), currency],
    )
    about = f"{_COPY}.about.published_copy"
    connection.execute(f"comment on table {about} is {literal(ABOUT_COMMENT)}")
    for column, comment in ABOUT_COLUMNS.items():
        connection.execute(f"comment on column {about}.{column} is {literal(comment)}")


def _reporting_currency(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Currency of the sales marts; None where only other marts were built."""
    try:
        rows = connection.execute(
            "select reporting_currency from intermediate.int_reporting_currency"
        ).fetchall()
    except duckdb.CatalogException:
        return None
    return rows[0][0] if rows else None


def _show(temporary: Path, target: Path, published_at: datetime, keep: int) -> None:
    """Let the link name the new copy, and keep so many of those before."""
    new = _dated(target, published_at)
    install(temporary, new)
    before = _name_of_copy_before(target)
    point(target, new, temporary)
    _remove_old(target, new.name, before, keep)


def _dated(target: Path, moment: datetime) -> Path:
    return target.with_name(f"{target.stem}.{moment:%Y%m%dT%H%M%S%fZ}{target.suffix}")


def _name_of_copy_before(target: Path) -> str | None:
    """What the link names; a file in its place is kept too, under the time it was made."""
    if target.is_symlink():
        return target.readlink().name
    if not target.exists():
        return None
    kept = _dated(target, datetime.fromtimestamp(target.stat().st_mtime, UTC))
    if not kept.exists():
        os.link(target, kept)
    return kept.name


def _remove_old(target: Path, new: str, before: str | None, keep: int) -> None:
    """Remove what is neither the newest copy nor among `keep` before it."""
    name = re.compile(rf"{re.escape(target.stem)}\.\d{{8}}T\d+Z{re.escape(target.suffix)}")
    others = [p for p in target.parent.iterdir() if name.fullmatch(p.name) and p.name != new]
    # The copy before is the youngest whatever its name says: a clock may have been set back.
    oldest_first = sorted(others, key=lambda path: (path.name == before, path.name))
    for old in oldest_first[: max(len(oldest_first) - keep, 0)]:
        old.unlink()


def _remove_leftovers(folder: Path) -> None:
    """Remove what a publish that was killed left; the folder's lock keeps others out."""
    for path in folder.glob(f"{_TEMPORARY_PREFIX}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
