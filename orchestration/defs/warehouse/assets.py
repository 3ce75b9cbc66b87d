"""Every model and seed of the dbt project as an asset, every data test as a check: one process."""

from collections.abc import Iterator

import dagster as dg
from dagster_dbt import dbt_assets

from orchestration.defs.warehouse.dbt_runs import Event, asset_events, start_dbt
from orchestration.defs.warehouse.refresh_config import RefreshConfig, build_arguments
from orchestration.defs.warehouse.translator import WarehouseTranslator
from orchestration.parsed_project import manifest
from orchestration.settings import WRITER_POOL

PATIENCE = dg.RetryPolicy(
    max_retries=4, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
)
TRANSLATOR = WarehouseTranslator(manifest())


@dbt_assets(
    manifest=manifest(),
    name="dbt_build",
    dagster_dbt_translator=TRANSLATOR,
    pool=WRITER_POOL,
    retry_policy=PATIENCE,
)
def dbt_build(context: dg.AssetExecutionContext, config: RefreshConfig) -> Iterator[Event]:
    """`dbt build` of the selected models with their data tests."""
    yield from asset_events(start_dbt(build_arguments(config), context), context)
