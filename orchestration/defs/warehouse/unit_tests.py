"""dbt's unit tests as checks of the models they test."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from orchestration.defs.warehouse.assets import PATIENCE, TRANSLATOR
from orchestration.defs.warehouse.dbt_runs import fail_if_needed, start_dbt
from orchestration.parsed_project import manifest
from orchestration.settings import WRITER_POOL

_SOME_TEST_FAILED = 1


def unit_test_checks(content: Mapping[str, Any]) -> dict[str, dg.AssetCheckSpec]:
    """Return a check per unit test, by dbt's id of the test."""
    return {
        unique_id: dg.AssetCheckSpec(
            f"unit_test__{test['name']}",
            asset=TRANSLATOR.get_asset_key(content["nodes"][test["depends_on"]["nodes"][0]]),
            description=test.get("description") or None,
        )
        for unique_id, test in sorted(content["unit_tests"].items())
    }


def selection(wanted: Mapping[str, dg.AssetCheckSpec]) -> list[str]:
    """Return what dbt's --select takes for unit tests: one word for all, else their names.

    The names are one argument: dagster-dbt takes a second one out of the selection.
    """
    if len(wanted) == len(SPECS):
        return ["test_type:unit"]
    return [" ".join(unique_id.split(".")[-1] for unique_id in wanted)]


SPECS = unit_test_checks(manifest())


@dg.multi_asset_check(
    specs=list(SPECS.values()),
    name="dbt_unit_tests",
    can_subset=True,
    pool=WRITER_POOL,
    retry_policy=PATIENCE,
)
def dbt_unit_tests(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Whether the SQL does what its unit tests say, all of them in one dbt process."""
    wanted = {
        unique_id: spec
        for unique_id, spec in SPECS.items()
        if spec.key in context.selected_asset_check_keys
    }
    invocation = start_dbt(["test", "--select", *selection(wanted)])
    list(invocation.stream_raw_events())
    return_code = invocation.process.wait()
    if return_code != _SOME_TEST_FAILED:
        fail_if_needed(return_code, [])
    results = {r["unique_id"]: r for r in invocation.get_artifact("run_results.json")["results"]}
    for unique_id, spec in wanted.items():
        yield _as_check(spec, results.get(unique_id))


def _as_check(spec: dg.AssetCheckSpec, result: Mapping[str, Any] | None) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=result is not None and result["status"] == "pass",
        metadata={"result": str(result["message"] or result["status"]) if result else "not run"},
    )
