"""Takes a person out of the landed files: each is written anew beside itself, then swapped in."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoptrack.contract import Table, UnknownTableError, find_table
from shoptrack.erasure.known import ByIdentifiers
from shoptrack.erasure.person import Person
from shoptrack.erasure.rules import ANYBODY, Cleaned, clean
from shoptrack.landing.zone import CONTRACT_FILE, folder_lock, install, temporary_file

TRUTH = "truth_identities.parquet"


@dataclass(frozen=True)
class ChangedFile:
    """A file of the landing zone that held the person; hashes are SHA-256 of its bytes."""

    path: str
    sha256_before: str
    sha256_after: str
    rows_before: int
    rows_dropped: int
    rows_without_person: int

    def described(self) -> dict[str, Any]:
        """The same, for a proof."""
        return asdict(self)


def landed_files(zone: Path) -> list[Path]:
    """All landed files, those of the contract's empty tables left out."""
    return [path for path in sorted(zone.glob("*/*/*.parquet")) if path.name != CONTRACT_FILE]


def find_changes(zone: Path, known: ByIdentifiers) -> dict[Path, tuple[int, int]]:
    """Files that hold the person, with how many rows would go and how many stay without him."""
    changes = {}
    for path in landed_files(zone):
        table = _table_of(path)
        dropped = blanked = 0
        for cleaned in _cleaned_groups(table, path, known):
            dropped += cleaned.dropped
            blanked += cleaned.blanked
        if dropped or blanked:
            changes[path] = (dropped, blanked)
    return changes


def rewrite(
    zone: Path, path: Path, known: ByIdentifiers, note: Callable[[ChangedFile], None]
) -> None:
    """Write a landed file without the person, under its name and with its time.

    All other rows keep their values, their order and their _source_row. What changes is noted
    before the new file takes the old one's place: nobody could tell afterwards.
    """
    table = _table_of(path)
    before = path.stat()
    digest = sha256(path)
    dropped = blanked = 0
    with folder_lock(path.parent), temporary_file(path.parent) as temporary:
        with pq.ParquetFile(path) as source:
            schema, rows = source.schema_arrow, source.metadata.num_rows
            notes = {**(source.metadata.metadata or {})}  # such as the columns of the export
        notes.pop(b"ARROW:schema", None)  # the writer's own
        with pq.ParquetWriter(temporary, schema, compression="snappy") as writer:
            for cleaned in _cleaned_groups(table, path, known):
                writer.write_table(cleaned.rows)
                dropped += cleaned.dropped
                blanked += cleaned.blanked
            writer.add_key_value_metadata(notes)
        os.utime(temporary, ns=(before.st_atime_ns, before.st_mtime_ns))  # freshness asks for it
        name = str(path.relative_to(zone))
        note(ChangedFile(name, digest, sha256(temporary), rows, dropped, blanked))
        install(temporary, path)


def forget_truth(zone: Path, person: Person, note: Callable[[ChangedFile], None]) -> None:
    """Take a person out of what the demo shop knows of who is truly behind its identifiers.

    All rows of a simulated person go whose account or e-mail is erased, and those of his devices.
    What changes is noted before; there is nothing to do without such a file, or with nobody in it.
    """
    path = zone / TRUTH
    if not path.exists():
        return
    rows, digest = pq.read_table(path), sha256(path)
    kinds, known = rows["identifier_kind"], ByIdentifiers(person)
    gone = pa.array([False] * rows.num_rows, pa.bool_())
    for kind in ANYBODY:
        is_mine = pc.and_(pc.equal(kinds, kind), known.holds(kind, rows["identifier"]))
        gone = pc.or_(gone, is_mine)
        if kind != "visitor":  # several persons may use a device
            gone = pc.or_(gone, pc.is_in(rows["person"], value_set=rows["person"].filter(is_mine)))
    if not pc.any(gone).as_py():
        return
    with temporary_file(zone) as temporary:
        pq.write_table(rows.filter(pc.invert(gone)), temporary)
        dropped = pc.sum(gone).as_py()
        note(ChangedFile(TRUTH, digest, sha256(temporary), rows.num_rows, dropped, 0))
        install(temporary, path)


def _cleaned_groups(table: Table, path: Path, known: ByIdentifiers) -> Iterator[Cleaned]:
    with pq.ParquetFile(path) as source:
        if not source.num_row_groups:
            yield Cleaned(source.schema_arrow.empty_table(), 0, 0)
        for number in range(source.num_row_groups):
            yield clean(table, source.read_row_group(number), known)


def _table_of(path: Path) -> Table:
    name = f"{path.parent.parent.name}.{path.parent.name}"
    try:
        return find_table(name)
    except UnknownTableError:  # a table of an adapter that is no more
        return Table(path.parent.parent.name, path.parent.name, (), ())


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def text_columns(schema: pa.Schema) -> list[str]:
    """Names of the columns that hold text."""
    return [field.name for field in schema if pa.types.is_string(field.type)]
