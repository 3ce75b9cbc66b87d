"""The clean-up removes what old runs left, and nothing of the others."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import dagster as dg
import pytest


@dg.op
def speak() -> None:
    """Write to the log."""
    dg.get_dagster_logger().info("done")


@dg.job
def work() -> None:
    """A job that does next to nothing."""
    speak()


@pytest.fixture(scope="module")
def clean_up(dagster_home: Path) -> ModuleType:
    """The module, which needs the manifest."""
    from orchestration.defs.upkeep import clean_up  # noqa: PLC0415

    return clean_up


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """A Dagster that keeps its runs in files."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        yield instance


def finish(instance: dg.DagsterInstance) -> str:
    """Run the job; return the id of the run."""
    return work.execute_in_process(instance=instance).run_id


def run_ids(instance: dg.DagsterInstance) -> set[str]:
    return {run.run_id for run in instance.get_runs()}


def test_old_finished_runs_go_and_others_stay(
    instance: dg.DagsterInstance, clean_up: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clean_up, "_BATCH", 2)
    old = [finish(instance) for _ in range(3)]
    running = str(uuid.uuid4())
    instance.add_run(
        dg.DagsterRun(job_name="work", run_id=running, status=dg.DagsterRunStatus.STARTED)
    )
    before = datetime.now(UTC)
    recent = finish(instance)

    assert clean_up.remove_old_runs(instance, before) == 3
    assert run_ids(instance) == {running, recent}
    assert instance.all_logs(old[0]) == []
    assert instance.all_logs(recent) != []
    assert clean_up.remove_old_runs(instance, before) == 0


def test_folders_of_runs_that_are_gone_are_removed(
    instance: dg.DagsterInstance, clean_up: ModuleType, tmp_path: Path
) -> None:
    kept = finish(instance)
    storage = tmp_path / "storage"
    for name in (kept, str(uuid.uuid4())):
        (storage / name / "compute_logs").mkdir(parents=True, exist_ok=True)
    (storage / "some_asset").mkdir()
    (storage / str(uuid.uuid4())).write_text("a file", encoding="utf-8")
    stays = {path.name for path in storage.iterdir() if path.is_file()} | {kept, "some_asset"}
    assert clean_up.remove_stray_folders(instance, tmp_path) == 1
    assert {path.name for path in storage.iterdir()} == stays


def test_the_job_keeps_the_days_that_it_is_told(
    instance: dg.DagsterInstance, clean_up: ModuleType
) -> None:
    recent = finish(instance)
    config = clean_up.CleanUpConfig(keep_days=1)
    run_config = dg.RunConfig(ops={"remove_run_artefacts": config})
    result = clean_up.clean_up.execute_in_process(run_config=run_config, instance=instance)
    assert result.success
    assert run_ids(instance) == {recent, result.run_id}
