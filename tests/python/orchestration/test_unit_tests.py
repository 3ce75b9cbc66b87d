"""How dbt is asked for the unit tests that a run selects."""

from __future__ import annotations

from pathlib import Path


def test_all_unit_tests_are_asked_for_by_their_type_and_some_by_their_names(
    dagster_home: Path,
) -> None:
    from orchestration.defs.warehouse.unit_tests import SPECS, selection  # noqa: PLC0415

    assert selection(SPECS) == ["test_type:unit"]
    some = dict(list(SPECS.items())[:2])
    first, second = (unique_id.split(".")[-1] for unique_id in some)
    # One argument: dagster-dbt takes a second one out of the selection, and dbt then refuses it.
    assert selection(some) == [f"{first} {second}"]
