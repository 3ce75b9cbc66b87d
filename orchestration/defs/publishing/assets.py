"""The published copy: swapped in after a good build, with the headline figures as metadata.

Where a PostgreSQL server is named, it is loaded from that copy.
"""

import os

import dagster as dg

from orchestration.defs.warehouse.assets import PATIENCE, TRANSLATOR
from orchestration.parsed_project import manifest
from orchestration.settings import WRITER_POOL
from shoptrack.publishing import PublishError, load_postgres, postgres_url, publish
from shoptrack.publishing.postgres_server import URL_VARIABLE
from shoptrack.status import read_numbers
from shoptrack.warehouse import published_path, warehouse_path

PUBLIC_MARTS = [
    TRANSLATOR.get_asset_key(node)
    for node in manifest()["nodes"].values()
    if node["resource_type"] == "model" and node["access"] == "public"
]


@dg.asset(
    deps=PUBLIC_MARTS,
    group_name="publishing",
    kinds={"duckdb"},
    pool=WRITER_POOL,
    retry_policy=PATIENCE,
)
def published_copy() -> dg.MaterializeResult[None]:
    """One read-only DuckDB file with the public marts, for BI tools.

    A failed check of a mart keeps the copy before it.
    """
    try:
        copy = publish(warehouse_path(), published_path())
    except PublishError as error:
        raise dg.Failure(str(error), allow_retries="is in use by" in str(error)) from error
    return dg.MaterializeResult(
        metadata={
            **read_numbers(copy.path),
            "path": dg.MetadataValue.path(str(copy.path)),
            "megabytes": round(copy.size_bytes / 1e6, 1),
            "rows": _rows(copy.row_counts),
        }
    )


def _rows(row_counts: dict[str, int]) -> dg.MarkdownMetadataValue:
    rows = "\n".join(f"| {mart} | {count:,} |" for mart, count in sorted(row_counts.items()))
    return dg.MetadataValue.md(f"| mart | rows |\n|---|---|\n{rows}")


@dg.asset(deps=[published_copy], group_name="publishing", kinds={"postgres"})
def postgres_copy() -> dg.MaterializeResult[None]:
    """The published copy as tables of the schema marts in PostgreSQL, for tools that need a server.

    A load that fails leaves the tables that were there.
    """
    try:
        url = postgres_url()
        if not url:
            raise PublishError("SHOPTRACK_PUBLISHED_POSTGRES is not set where the run was started")
        copy = load_postgres(published_path(), url)
    except PublishError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    return dg.MaterializeResult(
        metadata={
            "database": copy.database,
            "row_count": sum(copy.row_counts.values()),
            "rows": _rows(copy.row_counts),
            **({"notes": "\n".join(copy.notes)} if copy.notes else {}),
        }
    )


# Only where a server is named: an asset that nobody can make would be red in the graph for ever.
COPIES = [published_copy, postgres_copy] if os.environ.get(URL_VARIABLE) else [published_copy]
