"""What Dagster knows of the project: compared with a kept list, and with what dbt parsed."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from shoptrack.contract import PROJECT_ROOT

SNAPSHOT = Path(__file__).with_name("definitions.json")
RENEW = "SHOPTRACK_RENEW_SNAPSHOTS"
HOW_TO_RENEW = f"""
The definitions differ from {SNAPSHOT.name}. If that is meant, renew it and look at its diff:
    {RENEW}=1 pytest {Path(__file__).relative_to(PROJECT_ROOT)}; git diff
"""

Names = dict[str, list[str]]


@pytest.fixture(scope="module")
def specs(definitions: dg.Definitions) -> dict[str, dg.AssetSpec]:
    """Assets by key."""
    found = definitions.resolve_all_asset_specs()
    return {spec.key.to_user_string(): spec for spec in found}


@pytest.fixture(scope="module")
def checks(definitions: dg.Definitions) -> Names:
    """Names of checks by asset."""
    names: Names = {}
    keys = definitions.resolve_asset_graph().asset_check_keys
    for key in sorted(keys, key=lambda key: (key.asset_key.path, key.name)):
        names.setdefault(key.asset_key.to_user_string(), []).append(key.name)
    return names


def key_of(node: dict[str, Any]) -> str:
    """Asset key of a node of the manifest."""
    if node["resource_type"] == "source":
        return f"{node['source_name']}/{node['name']}"
    return f"{node['schema']}/{node['alias']}"


def test_definitions_are_those_of_the_kept_list(
    definitions: dg.Definitions, specs: dict[str, dg.AssetSpec], checks: Names
) -> None:
    repository = definitions.get_repository_def()
    found = {
        "assets": {key: spec.group_name for key, spec in sorted(specs.items())},
        "jobs": sorted(
            job.name for job in repository.get_all_jobs() if not job.name.startswith("__")
        ),
        "schedules": {
            schedule.name: f"{schedule.cron_schedule} {schedule.execution_timezone}"
            f" {schedule.job_name} {schedule.default_status.value}"
            for schedule in sorted(repository.schedule_defs, key=lambda found: found.name)
        },
        "sensors": {
            sensor.name: sensor.default_status.value
            for sensor in sorted(repository.sensor_defs, key=lambda found: found.name)
        },
        "checks": checks,
    }
    if os.environ.get(RENEW):
        SNAPSHOT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8")), HOW_TO_RENEW


def test_names_of_checks_are_unique_per_asset(checks: Names) -> None:
    twice = {
        asset: [name for name, count in Counter(names).items() if count > 1]
        for asset, names in checks.items()
    }
    assert {asset: names for asset, names in twice.items() if names} == {}


def test_every_data_test_of_dbt_is_a_check(manifest: dict[str, Any], checks: Names) -> None:
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    assert len(tests) > 50
    all_names = [name for names in checks.values() for name in names]
    assert [test["name"] for test in tests if test["name"] not in all_names] == []


def test_every_unit_test_of_dbt_is_a_check_of_its_model(
    manifest: dict[str, Any], checks: Names
) -> None:
    tests = manifest["unit_tests"].values()
    assert len(tests) > 10
    missing = [
        test["name"]
        for test in tests
        if f"unit_test__{test['name']}"
        not in checks[key_of(manifest["nodes"][test["depends_on"]["nodes"][0]])]
    ]
    assert missing == []


def test_every_model_seed_and_source_is_an_asset_with_description_and_owner(
    manifest: dict[str, Any], specs: dict[str, dg.AssetSpec]
) -> None:
    nodes = [
        node
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("model", "seed", "source")
    ]
    owners = {group["name"]: group["owner"]["email"] for group in manifest["groups"].values()}
    for node in nodes:
        spec = specs[key_of(node)]
        assert (spec.description or "").startswith(node["description"].strip()), spec.key
        group = node["config"].get("group")
        assert list(spec.owners) == ([owners[group]] if group else sorted(owners.values()))
    assert [key for key, spec in specs.items() if not spec.description] == []


def test_what_dbt_depends_on_dagster_depends_on(
    manifest: dict[str, Any], specs: dict[str, dg.AssetSpec]
) -> None:
    everything = manifest["nodes"] | manifest["sources"]
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model":
            parents = {key_of(everything[parent]) for parent in node["depends_on"]["nodes"]}
            found = {dep.asset_key.to_user_string() for dep in specs[key_of(node)].deps}
            assert found == parents, key_of(node)


def test_raw_tables_are_landed_from_the_inbox(
    manifest: dict[str, Any], specs: dict[str, dg.AssetSpec], checks: Names
) -> None:
    for source in manifest["sources"].values():
        key = key_of(source)
        assert [dep.asset_key.to_user_string() for dep in specs[key].deps] == ["inbox"]
        assert {"is_fresh", "every_file_is_landed"} <= set(checks[key])


def test_exposures_are_assets_after_the_marts_they_use(
    manifest: dict[str, Any], specs: dict[str, dg.AssetSpec]
) -> None:
    assert manifest["exposures"]
    for exposure in manifest["exposures"].values():
        spec = specs[f"exposures/{exposure['name']}"]
        parents = {key_of(manifest["nodes"][name]) for name in exposure["depends_on"]["nodes"]}
        assert {dep.asset_key.to_user_string() for dep in spec.deps} == parents


def test_the_copy_is_made_of_every_public_mart(
    manifest: dict[str, Any], specs: dict[str, dg.AssetSpec]
) -> None:
    public = {
        key_of(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
    }
    found = {dep.asset_key.to_user_string() for dep in specs["published_copy"].deps}
    assert found == public
