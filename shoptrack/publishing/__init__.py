"""The published marts: a DuckDB file, and from it a PostgreSQL schema and Parquet files.

The DuckDB file is made first and is the only one that reads the warehouse. The others are made of
it, so that all hold the same state, and none of the columns that it leaves out.
"""

from shoptrack.publishing.duckdb_copy import (
    STORAGE_VERSION,
    PublishedCopy,
    publish,
    refuse_foreign,
)
from shoptrack.publishing.errors import PublishError
from shoptrack.publishing.parquet_copy import ParquetCopy, export_parquet, is_export
from shoptrack.publishing.postgres_copy import PostgresCopy, load_postgres
from shoptrack.publishing.postgres_server import postgres_url

__all__ = [
    "STORAGE_VERSION",
    "ParquetCopy",
    "PostgresCopy",
    "PublishError",
    "PublishedCopy",
    "export_parquet",
    "is_export",
    "load_postgres",
    "postgres_url",
    "publish",
    "refuse_foreign",
]
