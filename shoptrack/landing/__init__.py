"""Lands raw exports as Parquet files of text columns, each content once, atomically."""

from typing import TYPE_CHECKING, Any

from shoptrack.landing.refusal import RefusedFileError
from shoptrack.landing.zone import ensure_zone, landing_zone

if TYPE_CHECKING:
    from shoptrack.landing.files import LandedFile, land_file, land_table

__all__ = [
    "LandedFile",
    "RefusedFileError",
    "ensure_zone",
    "land_file",
    "land_table",
    "landing_zone",
]


def __getattr__(name: str) -> Any:
    """Import what lands files only when it is used: it needs pyarrow, and dbt starts without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from shoptrack.landing import files  # noqa: PLC0415

    return getattr(files, name)
