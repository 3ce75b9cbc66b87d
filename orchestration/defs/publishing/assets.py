"""The published copy: swapped in after a good build, with the headline figures as metadata."""

import dagster as dg

from orchestration.defs.warehouse.assets import PATIENCE, TRANSLATOR
from orchestration.parsed_project import manifest
from orchestration.settings import WRITER_POOL
from shoptrack.publishing import PublishError, publish
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
    rows = "\n".join(f"| {mart} | {count:,} |" for mart, count in sorted(copy.row_counts.items()))
    return dg.MaterializeResult(
        metadata={
            **read_numbers(copy.path),
            "path": dg.MetadataValue.path(str(copy.path)),
            "megabytes": round(copy.size_bytes / 1e6, 1),
            "rows": dg.MetadataValue.md(f"| mart | rows |\n|---|---|\n{rows}"),
        }
    )
