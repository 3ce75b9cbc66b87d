"""How much memory DuckDB may use."""

from __future__ import annotations

import os

import duckdb

DEFAULT = "40%"


class MemoryLimitError(ValueError):
    """`SHOPTRACK_MEMORY` is no amount of memory; the message says what is."""


def memory_limit() -> str:
    """`SHOPTRACK_MEMORY`: an amount (`6GB`) or a share of the machine's, by default 40 %.

    Raises MemoryLimitError.
    """
    memory = os.environ.get("SHOPTRACK_MEMORY") or DEFAULT
    try:
        duckdb.connect(config={"memory_limit": memory}).close()
    except duckdb.Error as error:
        raise MemoryLimitError(
            f"SHOPTRACK_MEMORY is {memory!r}: {error}. Give an amount (6GB) or a share (40%)"
        ) from error
    return memory
