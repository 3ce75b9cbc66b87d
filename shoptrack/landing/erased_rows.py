"""Keeps who was erased from coming back with an old export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from shoptrack.contract import Table
from shoptrack.landing.refusal import RefusedFileError

REMEMBERED = ".erased.json"


class ErasedRows:
    """The rows of a file that name somebody who was erased from the zone, and how many they are."""

    def __init__(self, zone: Path, table: Table) -> None:
        self.row_count = 0
        self._zone = zone
        self._table = table

    def left_out(self, batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Yield the batches without these rows, or with what counts without its person.

        Raises RefusedFileError where the key of pseudonyms is not the one they are remembered by.
        """
        self.row_count = 0
        if not (self._zone / REMEMBERED).exists():
            yield from batches
            return
        from shoptrack.erasure.errors import ErasureError  # noqa: PLC0415  (an import in a circle)
        from shoptrack.erasure.known import read_erased  # noqa: PLC0415
        from shoptrack.erasure.rules import Cleaned, clean  # noqa: PLC0415

        try:
            erased = read_erased(self._zone)
        except ErasureError as error:
            raise RefusedFileError(str(error)) from None
        for batch in batches:
            cleaned = clean(self._table, batch, erased) if erased else Cleaned(batch, 0, 0)
            self.row_count += cleaned.dropped + cleaned.blanked
            yield cleaned.rows
