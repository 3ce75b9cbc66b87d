"""The published copies: what they held goes, and the erased marts take their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psycopg

from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.search import Words
from shoptrack.publishing import (
    PublishError,
    export_parquet,
    load_postgres,
    postgres_url,
    publish,
)
from shoptrack.quoting import literal


@dataclass
class Republished:
    """What was published again, exported files among it, and what could not be."""

    made: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def copies_of(target: Path) -> list[Path]:
    """Files of the published copy and of those before it, not the link that names the newest."""
    copies = set(target.parent.glob(f"{target.stem}.*Z{target.suffix}"))
    if target.exists() and not target.is_symlink():
        copies.add(target)
    return sorted(copies)


def republish(warehouse: Path, target: Path, exports: Sequence[Path]) -> Republished:
    """Replace all versions of the DuckDB copy, and what was made of it, by the erased marts.

    Exports are made of a copy: where none is left, one is made for them. Where the marts cannot be
    published, because a test of theirs fails, the copies are removed all the same: they hold the
    person.
    """
    done = Republished()
    before = copies_of(target)
    if not before and not exports:
        done.notes.append("there was no published copy")
        return done
    with_personal = any(_has_personal_columns(copy) for copy in before)
    try:
        copy = publish(warehouse, target, with_personal_columns=with_personal, keep=0)
    except PublishError as error:
        for path in (target, *before):
            path.unlink(missing_ok=True)
        before_it = ", and the one before was removed" if before else ""
        done.notes.append(f"no published copy was made{before_it}: {error}")
        done.files += exported_files(exports)
        return done
    done.made.append(str(target))
    for folder in exports:
        export_parquet(copy.path, folder, keep_before=False)
        done.made.append(str(folder))
    done.files += exported_files(exports)
    url = postgres_url()
    if url and not with_personal:
        done.made.append(f"PostgreSQL {load_postgres(copy.path, url).database}")
    elif url:
        done.notes.append("PostgreSQL was not loaded: the copy holds personal columns")
    return done


def exported_files(exports: Sequence[Path]) -> list[Path]:
    """Files of Parquet exports, also of versions that are kept beside the newest."""
    return sorted(
        path
        for folder in exports
        for kept in folder.absolute().parent.glob(f".{folder.name}.*")
        for path in kept.rglob("*.parquet")
    )


def search_postgres(words: Words) -> list[str]:
    """Tables of the schema marts, in the PostgreSQL that is named, that hold a word.

    Raises ErasureError where it cannot be asked.
    """
    url = postgres_url()
    if not url or not words.anywhere:
        return []
    try:
        return _tables_with(url, words.pattern.removeprefix("(?i)"))
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise ErasureError(
            f"PostgreSQL cannot be searched: {reason}. Run shoptrack erase again when it answers"
        ) from error


def _tables_with(url: str, wanted: str) -> list[str]:
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname like 'marts%'"
        ).fetchall()
        return [
            name
            for (name,) in names
            if connection.execute(
                f"select 1 from {name} as mart where mart::text ~* %s limit 1",
                [wanted],
            ).fetchone()
        ]


def _has_personal_columns(copy: Path) -> bool:
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {literal(str(copy))} as copy (read_only)")
        except duckdb.Error:
            return False
        found = connection.execute(
            "select 1 from duckdb_columns() where database_name = 'copy'"
            " and column_name = 'birth_year'"
        ).fetchall()
    return bool(found)
