"""Runs a command as processes of their own and measures what they took.

Every figure is the operating system's, none the program's own:

- wall time, in seconds, from start to end, start-up included;
- processor time, in seconds: user and system, of the process and of those it started and awaited,
  or, where it left some to themselves (as Spark's), the sampled sum over all that ran;
- peak memory, in GiB: the larger of the greatest resident size of any one process, and of the
  sampled sum over all that ran at a time (which counts memory that they share several times);
- swap, in GiB: the largest sum that was seen; where it is not 0 the other figures mean little;
- bytes read and written, in GiB: what the processes asked for (`rchar`, `wchar`), whether it came
  from the disk or from the system's cache, so that a warm cache changes nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from shoptrack.contract import PROJECT_ROOT

GIB = 2**30
_SAMPLED_EVERY = 0.1  # seconds


@dataclass(frozen=True)
class Measurement:
    """What a command took: seconds and GiB, see the module."""

    seconds: float
    processor_seconds: float
    peak_gib: float
    swap_gib: float
    read_gib: float
    written_gib: float


class MeasuredCommandError(RuntimeError):
    """A measured command failed; the message is its last output."""


def measure(command: Sequence[str], settings: Mapping[str, str]) -> Measurement:
    """Run a command to its end, with settings added to the environment.

    Raises MeasuredCommandError where it fails.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output = _Output(process)
    watch = _Watch(process.pid)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.perf_counter() - start
    read, written = _bytes_moved(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    watch.stop()
    if process.returncode:
        raise MeasuredCommandError(f"{' '.join(command)} failed:\n{output.last()}")
    return Measurement(
        seconds=seconds,
        processor_seconds=max(usage.ru_utime + usage.ru_stime, watch.processor_seconds),
        peak_gib=max(usage.ru_maxrss * 1024, watch.resident) / GIB,
        swap_gib=watch.swapped / GIB,
        read_gib=read / GIB,
        written_gib=written / GIB,
    )


def _bytes_moved(pid: int) -> tuple[int, int]:
    """Bytes that an ended process, and those it awaited, read and wrote."""
    lines = Path(f"/proc/{pid}/io").read_text(encoding="ascii").splitlines()
    counts = dict(line.split(": ") for line in lines)
    return int(counts["rchar"]), int(counts["wchar"])


class _Output:
    """Reads what a process prints, so that it never waits for its reader."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines = [*self._lines[-99:], line.decode(errors="replace")]

    def last(self) -> str:
        self._thread.join(timeout=5)
        return "".join(self._lines)


class _Watch:
    """Samples what a process and its descendants hold and have used."""

    def __init__(self, pid: int) -> None:
        self.resident = self.swapped = 0
        self._processor: dict[int, float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, args=(pid,), daemon=True)
        self._thread.start()

    @property
    def processor_seconds(self) -> float:
        return sum(self._processor.values())

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self, pid: int) -> None:
        while not self._ended.wait(_SAMPLED_EVERY):
            try:
                parent = psutil.Process(pid)
                running = (parent, *parent.children(recursive=True))
            except psutil.Error:
                continue
            sizes = [_sizes(each.pid) for each in running]
            self.resident = max(self.resident, sum(resident for resident, _ in sizes))
            self.swapped = max(self.swapped, sum(swapped for _, swapped in sizes))
            for each in running:
                with suppress(psutil.Error):
                    used = each.cpu_times()
                    self._processor[each.pid] = used.user + used.system


def _sizes(pid: int) -> tuple[int, int]:
    """Resident and swapped bytes of a process, none where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0, 0
    sizes = {"VmRSS": 0, "VmSwap": 0}
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name in sizes:
            sizes[name] = int(value.split()[0]) * 1024
    return sizes["VmRSS"], sizes["VmSwap"]


def program(name: str) -> str:
    """Path of a program of this environment, such as dbt."""
    return str(Path(sys.executable).with_name(name))
