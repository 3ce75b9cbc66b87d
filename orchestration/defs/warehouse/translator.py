"""How a node of the dbt project looks as a Dagster asset; all of it from dbt's own properties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

Properties = Mapping[str, Any]


class WarehouseTranslator(DagsterDbtTranslator):
    """Keys by schema and name, groups by folder, tags and owners as dbt knows them."""

    def get_asset_key(self, dbt_resource_props: Properties) -> dg.AssetKey:
        """`schema/name` of what stands in the warehouse; `source/table` for a raw table."""
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["alias"]])

    def get_group_name(self, dbt_resource_props: Properties) -> str:
        """The subject: the innermost folder, such as traffic or sales; `staging` as one."""
        return subject(dbt_resource_props)

    def get_description(self, dbt_resource_props: Properties) -> str:
        """What dbt says of the node; the SQL is one click away in the repository."""
        return str(dbt_resource_props.get("description") or "")

    def get_owners(self, dbt_resource_props: Properties) -> list[str]:
        """The owner of the node's dbt group; those of all for a raw table, which has none."""
        group = dbt_resource_props.get("config", {}).get("group")
        if group:
            return [self._group_owners[group]]
        return sorted(set(self._group_owners.values()))

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        """A data test as a check, with the test's own description."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        description = manifest["nodes"][unique_id].get("description")
        return spec._replace(description=description or None) if spec else None

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._group_owners = {
            group["name"]: group["owner"]["email"] for group in manifest["groups"].values()
        }
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))


def subject(properties: Properties) -> str:
    """Group of a node: its innermost folder, `staging` and `seeds` as they are."""
    if properties["resource_type"] == "seed":
        return "seeds"
    folders = properties["fqn"][1:-1]
    if properties.get("version"):
        folders = folders[:-1]  # the name stands before the version
    return str(folders[0] if folders[0] == "staging" else folders[-1])
