"""The raw tables as assets: one step lands what waits in the inbox, table by table."""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.defs.landing.inbox import Landing, land_waiting, make_inbox, refused_files
from orchestration.defs.landing.landed_tables import LandedTable, read_landed_table
from orchestration.defs.warehouse.assets import PATIENCE, TRANSLATOR
from orchestration.parsed_project import manifest
from orchestration.settings import WRITER_POOL, inbox_path
from shoptrack.landing import ensure_zone, landing_zone

INBOX = dg.AssetSpec(
    "inbox",
    group_name="landing",
    kinds={"file"},
    description="Exports as they are dropped into the folder of their raw table.",
)
RAW_TABLES = {
    f"{source['source_name']}.{source['name']}": dg.AssetSpec(
        TRANSLATOR.get_asset_key(source),
        deps=[INBOX],
        group_name="landing",
        description=source["description"],
        kinds={"parquet"},
        owners=TRANSLATOR.get_owners(source),
    )
    for source in manifest()["sources"].values()
}
ALL_LANDED = "every_file_is_landed"
CHECKS = [
    dg.AssetCheckSpec(
        ALL_LANDED,
        asset=spec.key,
        description="No file lies in the table's folder of the inbox that was refused.",
    )
    for spec in RAW_TABLES.values()
]


@dg.multi_asset(
    specs=list(RAW_TABLES.values()),
    check_specs=CHECKS,
    name="land_inbox",
    can_subset=True,
    pool=WRITER_POOL,
    retry_policy=PATIENCE,
)
def land_inbox(
    context: dg.AssetExecutionContext,
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Land all waiting files; tables without any keep what they have."""
    ensure_zone(landing_zone())
    make_inbox(inbox_path(), RAW_TABLES)
    landings: list[Landing] = []
    for landing in land_waiting(inbox_path(), landing_zone()):
        landings.append(landing)
        context.log.info(_describe(landing))
    for name, spec in RAW_TABLES.items():
        if spec.key in context.selected_asset_keys:
            own = [landing for landing in landings if landing.file.table == name]
            yield _materialized(spec.key, own, read_landed_table(landing_zone(), name))
            yield _checked(spec.key, name)


def _describe(landing: Landing) -> str:
    if landing.landed is None:
        return f"refused {landing.file.path}: {landing.refusal}"
    if not landing.landed.is_new:
        return f"skipped {landing.file.path}: the same content was landed before"
    return f"landed {landing.file.path}: {landing.landed.row_count} rows"


def _materialized(
    key: dg.AssetKey, landings: Sequence[Landing], table: LandedTable
) -> dg.MaterializeResult[None]:
    landed = [landing.landed for landing in landings if landing.landed and landing.landed.is_new]
    columns = [dg.TableColumn(name, "text") for name in table.columns]
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "files landed": len(landed),
            "rows landed": sum(file.row_count for file in landed),
            "files refused": sum(1 for landing in landings if landing.refusal),
            "files": table.file_count,
            "dagster/row_count": table.row_count,
            "dagster/column_schema": dg.TableSchema(columns),
        },
    )


def _checked(key: dg.AssetKey, name: str) -> dg.AssetCheckResult:
    refused = [file for file in refused_files(inbox_path()) if file.table == name]
    notes = [file.note.read_text(encoding="utf-8").splitlines()[0] for file in refused]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=ALL_LANDED,
        passed=not refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"refused files": len(refused), "reasons": "\n".join(notes) or "none"},
    )
