"""Looks for a person's identifiers in every byte and every text of files.

Texts within compressed files are read column by column; what is not compressed, such as rows that a
database deleted but still holds, is found in the bytes.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.known import IDS, SHORTEST_WORD, pattern
from shoptrack.erasure.landed import text_columns
from shoptrack.erasure.person import Person
from shoptrack.landing.zone import META_COLUMNS
from shoptrack.quoting import literal, quoted

_COLUMNS_OF_KIND = {
    "customer": (
        *("customer_id", "user_id", "userid", "person_key", "person_id", "subject_id", "unit_id"),
    ),
    "visitor": (
        *("visitor_id", "unit_id", "person_key", "person_id", "subject_id", "user_pseudo_id"),
        *("domain_userid", "network_userid", "anonymousid", "previousid"),
    ),
    "cart": ("cart_id", "stream_id", "cart_token"),
    "click": ("gclid", "fbclid", "msclkid"),
}
_BLOCK = 1 << 24
_DUCKDB_MARK = slice(8, 12)  # after the checksum of the first block


@dataclass(frozen=True)
class Words:
    """What to look for: `anywhere` in any text, `whole` only as all of a column of its kind.

    An id goes in the second part where it is so short that it occurs by chance, or where it also is
    the id of something else, such as an event of another person.
    """

    anywhere: frozenset[str]
    whole: dict[str, frozenset[str]]

    @property
    def pattern(self) -> str:
        """A pattern of all that may be nowhere."""
        return pattern(sorted(self.anywhere))

    def whole_in(self, column: str) -> frozenset[str]:
        """Ids that may not be all of a value of this column."""
        name = column.lower()
        return frozenset().union(
            *(
                texts
                for kind, texts in self.whole.items()
                if any(name.endswith(known) for known in _COLUMNS_OF_KIND.get(kind, (kind,)))
            )
        )


def words_of(person: Person, files: Iterable[Path]) -> Words:
    """Divide the words of a person; `files` are landed files that are erased already."""
    words = person.words
    candidates = {word for word in words if len(word) >= SHORTEST_WORD}
    ambiguous = _ids_of_other_things({word: words[word] for word in candidates}, files)
    anywhere = candidates - ambiguous - person.ambiguous
    whole: dict[str, set[str]] = {}
    for word, kinds in words.items():
        for kind in kinds if word not in anywhere else ():
            whole.setdefault(kind, set()).add(word)
    return Words(frozenset(anywhere), {kind: frozenset(texts) for kind, texts in whole.items()})


def _ids_of_other_things(words: dict[str, set[str]], files: Iterable[Path]) -> set[str]:
    """Words that others have as ids of another kind: an event may be called as a visitor is."""
    values, found = pa.array(sorted(words), pa.string()), set()
    for path in files:
        with pq.ParquetFile(path) as source:
            names = [name for name in text_columns(source.schema_arrow) if IDS.search(name)]
            rows = source.read(columns=names)
        for name, column in zip(rows.column_names, rows.columns, strict=True):
            hits = pc.unique(column.filter(pc.is_in(column, value_set=values))).to_pylist()
            found |= {
                hit
                for hit in hits
                if not any(name in _COLUMNS_OF_KIND.get(kind, ()) for kind in words[hit])
            }
    return found


def search_file(path: Path, words: Words) -> list[str]:
    """Places in a file where a word was found: `bytes`, or the name of a column.

    What a file is, its first bytes say. One that is gone meanwhile holds nobody. Raises
    ErasureError where it is damaged, in use or not to be read.
    """
    try:
        places = ["bytes"] if _in_bytes(path, words) else []
        return places + _in_contents(path, words)
    except FileNotFoundError:
        return []
    except (pa.ArrowException, duckdb.Error, zlib.error, EOFError, OSError) as error:
        reason = " ".join(str(error).split())
        raise ErasureError(f"{path} cannot be searched: {reason}") from error


def _in_contents(path: Path, words: Words) -> list[str]:
    with path.open("rb") as file:
        start = file.read(_DUCKDB_MARK.stop)
    if start.startswith(b"PAR1") or path.suffix == ".parquet":
        return _in_parquet(path, words)
    if start[_DUCKDB_MARK] == b"DUCK":
        return _in_duckdb(path, words)
    if start.startswith(b"\x1f\x8b"):
        with gzip.open(path) as unpacked:
            is_found = _found(iter(lambda: unpacked.read(_BLOCK), b""), words)
        return ["unpacked"] if is_found else []
    return []


def _in_bytes(path: Path, words: Words) -> bool:
    with path.open("rb") as file:
        return _found(iter(lambda: file.read(_BLOCK), b""), words)


def _found(blocks: Iterator[bytes], words: Words) -> bool:
    if not words.anywhere:
        return False
    longest = max(len(word.encode()) for word in words.anywhere)
    wanted = re.compile(words.pattern.encode())
    end = b""
    for block in blocks:
        if wanted.search(end + block):
            return True
        end = block[-longest:]
    return False


def _in_parquet(path: Path, words: Words) -> list[str]:
    places = []
    with pq.ParquetFile(path) as source:
        names = [name for name in text_columns(source.schema_arrow) if name not in META_COLUMNS]
        for group in source.iter_batches(columns=names):
            for name, column in zip(names, group.columns, strict=True):
                whole = pa.array(sorted(words.whole_in(name)), pa.string())
                hits = [pc.is_in(column, value_set=whole)]
                if words.anywhere:
                    hits.append(pc.match_substring_regex(column, words.pattern))
                if any(pc.any(hit).as_py() for hit in hits):
                    places.append(name)
    return sorted(set(places))


def _in_duckdb(path: Path, words: Words) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(path))} as searched (read_only)")
        columns = connection.execute(
            "select columns.schema_name, columns.table_name, columns.column_name"
            " from duckdb_columns() as columns join duckdb_tables() as tables"
            " using (database_name, schema_name, table_name)"
            " where database_name = 'searched' and (data_type like '%VARCHAR%'"
            " or data_type like '%JSON%')"
        ).fetchall()
        return [
            f"{schema}.{table}.{column}"
            for schema, table, column in columns
            if _in_column(connection, (schema, table), column, words)
        ]


def _in_column(
    connection: duckdb.DuckDBPyConnection, table: Sequence[str], column: str, words: Words
) -> bool:
    name = quoted(column)
    text = f"cast({name} as varchar)"
    bare = f"replace(replace({text}, 'visitor:', ''), 'customer:', '')"
    found = connection.execute(
        f"select 1 from searched.{quoted(table[0])}.{quoted(table[1])}"
        f" where ($pattern <> '' and regexp_matches({text}, $pattern))"
        f" or {bare} in (select unnest($whole)) limit 1",
        {"pattern": words.pattern, "whole": sorted(words.whole_in(column)) or ["(nobody)"]},
    ).fetchall()
    return bool(found)
