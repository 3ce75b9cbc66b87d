"""An export on disk: its kind, its bytes, and what is wrong with them before anything is parsed."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from shoptrack.landing.refusal import RefusedFileError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

Kind = Literal["csv", "json", "parquet"]
Progress = Callable[[int], None]

CHUNK_BYTES = 1 << 20
_KINDS: dict[str, Kind] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".parquet": "parquet",
}
_MAGIC = {
    b"PAR1": "a Parquet file; give it a name that ends in .parquet",
    b"\x1f\x8b": "compressed with gzip; give it a name that ends in .gz",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; unpack it first",
    b"\xff\xfe": "UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW",
    b"\xfe\xff": "UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 FILE > NEW",
}


def _ignore(_: int) -> None:
    """Progress that nobody watches."""


class _Counted(io.RawIOBase):
    """A binary file that reports how many bytes were read from it."""

    def __init__(self, file: io.FileIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._file.readinto(buffer)
        self._progress(count)
        return count


@dataclass(frozen=True)
class Export:
    """A file that somebody exported: where it is, what it holds, whether it is compressed."""

    path: Path
    kind: Kind
    is_gzipped: bool

    @contextmanager
    def open(self, progress: Progress = _ignore) -> Iterator[IO[bytes]]:
        """Open the uncompressed bytes; `progress` is told how many bytes of the file were read."""
        with self.path.open("rb", buffering=0) as file:
            counted = io.BufferedReader(_Counted(file, progress), CHUNK_BYTES)
            if self.is_gzipped:
                yield io.BufferedReader(gzip.GzipFile(fileobj=counted), CHUNK_BYTES)
            else:
                yield counted

    @contextmanager
    def open_text(self) -> Iterator[IO[str]]:
        """Open the text, line ends as they are; bytes that are not UTF-8 become lone surrogates."""
        with self.open() as file:
            yield io.TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes found: the SHA-256 of the content, and whether it is text."""

    digest: str
    is_text: bool


def recognize(path: Path) -> Export:
    """Tell from the name what a file is, and from its first bytes whether that can be.

    Raises RefusedFileError when the file is missing, empty, or not of a known kind.
    """
    if not path.exists():
        raise RefusedFileError("there is no such file")
    if not path.is_file():
        what = "a folder; name the files in it" if path.is_dir() else "not a file; save it as one"
        raise RefusedFileError(f"this is {what}")
    name = path.name.lower()
    is_gzipped = name.endswith(".gz")
    kind = _KINDS.get(Path(name.removesuffix(".gz")).suffix)
    if kind is None or (is_gzipped and kind == "parquet"):
        raise RefusedFileError(
            f"the name does not say what it holds; it must end in {', '.join(_KINDS)},"
            " and .gz after it if it is compressed CSV or JSON lines"
        )
    export = Export(path, kind, is_gzipped)
    with refusing_unreadable(), path.open("rb") as file:
        first = file.read(4)
    if not first:
        raise RefusedFileError("the file is empty (0 bytes); export it again")
    _refuse_other_kind(export, first)
    return export


def _refuse_other_kind(export: Export, first: bytes) -> None:
    expected = b"\x1f\x8b" if export.is_gzipped else b"PAR1" if export.kind == "parquet" else None
    if expected and first.startswith(expected):
        return
    for magic, what in _MAGIC.items():
        if first.startswith(magic):
            raise RefusedFileError(f"this is {what}")
    if export.is_gzipped:
        raise RefusedFileError("the name ends in .gz but this is not gzip; rename or compress it")
    if export.kind == "parquet":
        raise RefusedFileError("this is not a Parquet file (it does not begin with PAR1)")


def scan(
    export: Export, progress: Progress = _ignore, watch: Callable[[bytes], None] | None = None
) -> Scan:
    """Read the whole file once: hash it and see whether it is text, that is UTF-8 without NUL.

    `watch` is given every chunk of the uncompressed content.
    Raises RefusedFileError when the file is a broken gzip or cannot be read.
    """
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_text = True
    size = 0
    with refusing_unreadable(), export.open(progress) as file:
        while chunk := file.read(CHUNK_BYTES):
            size += len(chunk)
            digest.update(chunk)
            is_text = is_text and export.kind != "parquet" and _is_text(decoder, chunk)
            if watch:
                watch(chunk)
    if not size:
        raise RefusedFileError("the file is empty; export it again")
    return Scan(digest.hexdigest(), is_text and _is_text(decoder, b"", is_last=True))


def _is_text(decoder: codecs.IncrementalDecoder, chunk: bytes, is_last: bool = False) -> bool:
    try:
        decoder.decode(chunk, is_last)
    except UnicodeDecodeError:
        return False
    return b"\0" not in chunk


@contextmanager
def refusing_unreadable() -> Iterator[None]:
    """Turn errors of reading bytes into RefusedFileError."""
    try:
        yield
    except EOFError as error:
        raise RefusedFileError(
            "the gzip file ends too early; it was cut off, copy or export it again"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise RefusedFileError(f"the gzip file is damaged ({error}); export it again") from error
    except OSError as error:
        raise RefusedFileError(f"it cannot be read: {error.strerror or error}") from error


def describe_bytes(text: str) -> str | None:
    """Say what is wrong with text that was opened by `open_text`; None when nothing is."""
    if "\0" in text:
        return "a NUL byte (0x00); the file is damaged or binary, export it again as UTF-8 text"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return (
            f"the byte 0x{ord(text[error.start]) - 0xDC00:02X} is not UTF-8; if the file is"
            " Latin-1, convert it: iconv -f latin1 -t utf8 FILE > NEW"
        )
    return None
