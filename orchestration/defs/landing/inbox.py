"""The inbox: a folder per raw table; what is dropped there is landed and moved to `landed/`.

    data/inbox/web.events/2025-03-31.jsonl         waits
    data/inbox/web.events/landed/2025-03-30.jsonl  was landed
    data/inbox/web.events/broken.csv               was refused and stays put, with the reason in
    data/inbox/web.events/broken.csv.refused.txt   until the file changes or the note is removed

Nothing else remembers which files are done, so a restart repeats none and forgets none.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from shoptrack.contract import UnknownTableError, find_table
from shoptrack.landing import LandedFile, RefusedFileError, land_file

SETTLED_SECONDS = 5.0
DONE_FOLDER = "landed"
NOTE_ENDING = ".refused.txt"
_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", NOTE_ENDING)


@dataclass(frozen=True)
class InboxFile:
    """A file in the inbox; `table` is the name of its folder, blank beside the folders."""

    table: str
    path: Path

    @property
    def signature(self) -> str:
        """Changes when the file does: its size in bytes and its time in nanoseconds."""
        found = self.path.stat()
        return f"{found.st_size} bytes, {found.st_mtime_ns} ns"

    @property
    def note(self) -> Path:
        """Where the reason of a refusal is written."""
        return self.path.with_name(self.path.name + NOTE_ENDING)

    @property
    def is_refused(self) -> bool:
        """Whether this very content was refused before."""
        return self.note.exists() and self.signature in self.note.read_text(encoding="utf-8")


@dataclass(frozen=True)
class Landing:
    """What became of a file: what was landed, or why it was refused."""

    file: InboxFile
    landed: LandedFile | None = None
    refusal: str = ""


def make_inbox(inbox: Path, tables: Iterable[str]) -> None:
    """Make a folder for every raw table (`source.table`), so that people see where files go."""
    for name in tables:
        (inbox / name).mkdir(parents=True, exist_ok=True)


def inbox_files(inbox: Path) -> list[InboxFile]:
    """Return all files of the inbox but notes, hidden and unfinished ones, in a fixed order."""
    if not inbox.exists():
        return []
    files = [InboxFile("", path) for path in inbox.iterdir()]
    for folder in inbox.iterdir():
        if folder.is_dir() and not folder.name.startswith("."):
            files += [InboxFile(folder.name, path) for path in folder.iterdir()]
    complete = (file for file in files if file.path.is_file() and not _is_unfinished(file.path))
    return sorted(complete, key=lambda file: file.path)


def _is_unfinished(path: Path) -> bool:
    return path.name.startswith(".") or path.name.lower().endswith(_UNFINISHED)


def waiting_files(inbox: Path, settled_seconds: float = SETTLED_SECONDS) -> list[InboxFile]:
    """Return the files to land: not refused before, and not written to for a while."""
    latest = time.time() - settled_seconds
    return [
        file
        for file in inbox_files(inbox)
        if file.path.stat().st_mtime <= latest and not file.is_refused
    ]


def refused_files(inbox: Path) -> list[InboxFile]:
    """Return the files that were refused and still lie there."""
    return [file for file in inbox_files(inbox) if file.is_refused]


def land_waiting(inbox: Path, zone: Path) -> Iterator[Landing]:
    """Land every waiting file, each by itself: a bad one does not stop the others.

    Raises OSError when the landing zone cannot be written; what is landed by then stays landed.
    """
    for file in waiting_files(inbox):
        try:
            signature = file.signature
        except FileNotFoundError:
            continue  # somebody took it away meanwhile
        try:
            landed = land_file(zone, _table_of(file), file.path)
        except (RefusedFileError, UnknownTableError) as error:
            file.note.write_text(_note_text(file, str(error), signature), encoding="utf-8")
            yield Landing(file, refusal=str(error))
        else:
            _move_away(file, signature)
            file.note.unlink(missing_ok=True)  # of what it was before
            yield Landing(file, landed)


def _table_of(file: InboxFile) -> str:
    if not file.table:
        raise UnknownTableError(
            "it lies beside the folders of the raw tables; move it into the one that it belongs to"
        )
    return find_table(file.table).qualified_name


def _note_text(file: InboxFile, reason: str, signature: str) -> str:
    return (
        f"{file.path.name} was not landed: {reason}\n\n"
        "It is tried again when the file changes or this note is removed.\n"
        f"Refused: {signature}\n"
    )


def _move_away(file: InboxFile, signature: str) -> None:
    """Move a landed file to the folder beside it, under a name that is free.

    One that took its place since then, with another `signature`, comes back: it was not landed.
    """
    folder = file.path.parent / DONE_FOLDER
    folder.mkdir(exist_ok=True)
    target = _free(folder / file.path.name)
    file.path.rename(target)
    if InboxFile(file.table, target).signature != signature:
        target.rename(_free(file.path))


def _free(path: Path) -> Path:
    """The path, or with a number before its ending where it is taken."""
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return free
