"""Runs as processes of their own: they outlive web server, daemon and code servers."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import dagster as dg
import psutil
from dagster._core.launcher import (
    CheckRunHealthResult,
    LaunchRunContext,
    RunLauncher,
    WorkerStatus,
)
from dagster._grpc.types import ExecuteRunArgs
from dagster._serdes import ConfigurableClass, ConfigurableClassData


class ProcessRunLauncher(RunLauncher, ConfigurableClass):
    """Starts a process per run, and can tell whether it still lives.

    Dagster's own launcher lets the code server start runs: who kills it loses them, and a run whose
    worker is gone stays "started" for ever. Here run monitoring asks the list of processes, so a
    killed worker is found within one poll and the run is retried.
    """

    def __init__(self, inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        self._started: list[subprocess.Popen[bytes]] = []
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What dagster.yaml says of this class."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No settings."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> ProcessRunLauncher:
        """Make the launcher that dagster.yaml names."""
        return cls(inst_data)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Start the worker of a run, in a session of its own."""
        self._reap()
        if context.job_code_origin is None:
            raise dg.DagsterInvariantViolationError("the run does not say where its code is")
        run_id = context.dagster_run.run_id
        arguments = ExecuteRunArgs(context.job_code_origin, run_id, self._instance.get_ref())
        command = arguments.get_command_args()
        command = [sys.executable, "-m", "dagster", *command[command.index("api") :]]
        self._started.append(
            subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        )

    def terminate(self, run_id: str) -> bool:
        """Interrupt the worker of a run; False when the run is over or its worker is gone."""
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return False
        self._instance.report_run_canceling(run)
        worker = find_worker(run_id)
        if worker is None:
            return False
        worker.send_signal(signal.SIGINT)
        return True

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring may ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Say whether the run's worker is alive."""
        self._reap()
        if find_worker(run.run_id) is None:
            return CheckRunHealthResult(WorkerStatus.FAILED, "the process of the run is gone")
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def _reap(self) -> None:
        """Let ended children go; until then the system lists them as zombies."""
        self._started = [process for process in self._started if process.poll() is None]


def find_worker(run_id: str) -> psutil.Process | None:
    """Return the live process that executes a run, found by its command line."""
    for process in psutil.process_iter(["cmdline", "status"]):
        command = process.info["cmdline"] or []
        if "execute_run" in command and run_id in command[-1]:
            return process if process.info["status"] != psutil.STATUS_ZOMBIE else None
    return None
