"""The uses of the marts that dbt's exposures name, at the end of the lineage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from orchestration.defs.warehouse.assets import TRANSLATOR


def exposure_assets(content: Mapping[str, Any]) -> list[dg.AssetSpec]:
    """Return an asset per exposure, which Dagster shows and does not build."""
    return [_as_asset(exposure, content) for exposure in content["exposures"].values()]


def _as_asset(exposure: Mapping[str, Any], content: Mapping[str, Any]) -> dg.AssetSpec:
    parents = [content["nodes"][unique_id] for unique_id in exposure["depends_on"]["nodes"]]
    owner = exposure["owner"].get("email")
    return dg.AssetSpec(
        ["exposures", exposure["name"]],
        deps=[TRANSLATOR.get_asset_key(parent) for parent in parents],
        description=exposure["description"],
        group_name="exposures",
        kinds={exposure["type"]},
        owners=[owner] if owner else [],
        metadata={"url": dg.MetadataValue.url(exposure["url"])} if exposure.get("url") else {},
    )
