"""What a build that was killed left behind, and keeping two builds apart: Spark does neither."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import IO, Any
from urllib.parse import unquote

from dbt_common.exceptions import DbtRuntimeError

from dbt.adapters.shopspark.python_models import fetch

NEXT = "__next"  # a table that was about to take the place of the one that it is named after
_HELD: dict[Path, IO[str]] = {}
_HOLDING = Lock()


def hold(folder: Path) -> None:
    """Hold a warehouse until this process ends; raises DbtRuntimeError where another one has it."""
    folder = folder.absolute()
    with _HOLDING:
        if folder in _HELD:
            return
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise DbtRuntimeError(
                f"Spark's warehouse {folder} is in use by another process: another build is"
                " running. Wait until it ends, or end it, and start again"
            ) from None
        _HELD[folder] = lock


def clear(adapter: Any, schemas: Sequence[str]) -> None:
    """Put back tables whose successor did not take their place, and remove what nobody knows.

    Spark writes no table into a folder that is there already, such as that of a table that was
    being written. Of other schemas of the same catalogue nothing is touched. Raises DbtRuntimeError
    where the catalogue knows no table at all of those that are there: they are another one's.
    """
    here = sorted({*_texts(adapter, "show schemas", 0)} & {*schemas})
    folders = {schema: folder for schema in here if (folder := _folder_of(adapter, schema))}
    known = {schema: {*_texts(adapter, f"show tables in {schema}", 1)} for schema in folders}
    unknown = [
        path
        for schema, folder in folders.items()
        for path in folder.iterdir()
        if path.is_dir() and path.name not in known[schema]
    ]
    if unknown and not any(known.values()):
        raise DbtRuntimeError(
            f"{unknown[0].parents[1]} holds tables that Spark's catalogue does not know: its"
            " metastore is another one, or in memory. Start Spark with the metastore that they were"
            " built with (docs/spark.md), or remove the folder to build all tables anew"
        )
    for path in unknown:
        shutil.rmtree(path)
    for schema, tables in known.items():
        for table in tables:
            before = table.removesuffix(NEXT)
            if before not in tables:
                adapter.rename_relation(*(_table(adapter, schema, n) for n in (table, before)))


def _folder_of(adapter: Any, schema: str) -> Path | None:
    """Folder of a schema's tables; None where it is not on this machine, or not its own."""
    described = fetch(adapter, f"describe schema {schema}").to_pylist()
    location = next((row["info_value"] for row in described if row["info_name"] == "Location"), "")
    folder = Path(unquote(location.removeprefix("file:")))
    is_here = location.startswith("file:") and folder.name == f"{schema}.db" and folder.is_dir()
    return folder if is_here else None


def _table(adapter: Any, schema: str, name: str) -> Any:
    return adapter.Relation.create(schema=schema, identifier=name, type="table")


def _texts(adapter: Any, sql: str, column: int) -> list[str]:
    return [str(text) for text in fetch(adapter, sql).column(column).to_pylist()]
