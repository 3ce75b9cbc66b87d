"""The landing zone on disk: one folder per raw table, one Parquet file per landed file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shoptrack.contract import PROJECT_ROOT, Table, tables

CONTRACT_FILE = "0_contract.parquet"
META_COLUMNS = ("_loaded_at", "_source_file", "_source_row")
_CONTRACT_MARK = ".contract"
_LOCK = ".lock"
_TEMPORARY_PREFIX = ".landing-"
_FORMAT_VERSION = "1"
_LONGEST_NAME = 150
_UNSAFE_CHARACTERS = re.compile(r"""[\x00-\x1f\x7f*?\[\]{}'"\\/:;,=$`]""")


def landing_zone() -> Path:
    """Path of the landing zone: `SHOPTRACK_LANDING`, or `data/landing` in the project."""
    return Path(os.environ.get("SHOPTRACK_LANDING") or PROJECT_ROOT / "data" / "landing")


def table_folder(zone: Path, table: Table) -> Path:
    """Folder that holds the landed files of one raw table."""
    return zone / table.source / table.name


def landed_path(folder: Path, file_name: str, digest: str) -> Path:
    """Path under which content with this SHA-256 is landed.

    The name is the original one, without a leading dot or underscore (engines skip such files),
    without characters that mean something in a file pattern, and cut where it is too long.
    """
    name = _UNSAFE_CHARACTERS.sub("_", file_name).lstrip("._")
    while len(name.encode()) > _LONGEST_NAME:
        name = name[1:]
    return folder / f"{name or 'file'}.{digest[:12]}.parquet"


def find_landed(folder: Path, digest: str) -> Path | None:
    """Return the landed file whose content has this SHA-256, or None when it was never landed."""
    ending = f".{digest[:12]}.parquet"
    names = sorted(name for name in os.listdir(folder) if name.endswith(ending))
    return folder / names[0] if names else None


def ensure_zone(zone: Path) -> None:
    """Make the folder of every raw table, each with a zero-row file of the contract's columns.

    So a table that nobody landed is empty instead of missing. Writes only what is missing or was
    made for another contract, because it runs at every start of dbt.
    """
    mark = zone / _CONTRACT_MARK
    digest = _contract_digest()
    is_current = mark.exists() and mark.read_text(encoding="utf-8") == digest
    for table in tables().values():
        file = table_folder(zone, table) / CONTRACT_FILE
        if not (is_current and file.exists()):
            _write_contract_file(table, file)
    if not is_current:
        with temporary_file(zone) as temporary:
            temporary.write_text(digest, encoding="utf-8")
            install(temporary, mark)


def _contract_digest() -> str:
    described = [(name, table.column_names) for name, table in tables().items()]
    return hashlib.sha256(f"{_FORMAT_VERSION}{described}".encode()).hexdigest()


def _write_contract_file(table: Table, file: Path) -> None:
    from shoptrack.landing.writing import write_empty  # noqa: PLC0415  (pyarrow only when needed)

    file.parent.mkdir(parents=True, exist_ok=True)
    with temporary_file(file.parent) as temporary:
        write_empty(table, temporary)
        install(temporary, file)


@contextmanager
def temporary_file(folder: Path) -> Iterator[Path]:
    """Give a new hidden file in `folder`; if it was not installed at the end, it is removed.

    The file is locked as long as it is in use. A killed process leaves it behind unlocked, which is
    how `remove_leftovers` knows it from a file that another process is still writing.
    """
    path = folder / f"{_TEMPORARY_PREFIX}{os.getpid()}-{os.urandom(4).hex()}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def install(temporary: Path, target: Path) -> None:
    """Make the temporary file become `target` at once, after its bytes are on the disk."""
    flush_to_disk(temporary)
    os.replace(temporary, target)
    flush_to_disk(target.parent)


def point(link: Path, target: Path, temporary: Path) -> None:
    """Let a symbolic link name what stands beside it, in one step: there is always something."""
    temporary.symlink_to(target.name)
    os.replace(temporary, link)
    flush_to_disk(link.parent)


def flush_to_disk(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder for one process, so that the same content cannot be landed twice at once."""
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_temporary(path: Path) -> bool:
    """Whether a file is one of `temporary_file`."""
    return path.name.startswith(_TEMPORARY_PREFIX)


def remove_leftovers(folder: Path) -> list[Path]:
    """Remove temporary files that killed processes left behind; return those still in use."""
    in_use = []
    for path in folder.glob(f"{_TEMPORARY_PREFIX}*"):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            in_use.append(path)
        finally:
            os.close(descriptor)
    return in_use
