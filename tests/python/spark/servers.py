"""Spark's servers on 127.0.0.1: a standalone cluster, a Thrift server, a Connect server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from shoptrack.hash_key import hash_key
from tests.python.spark.spark_warehouse import FEW_ROWS

HOST = "127.0.0.1"
MEMORY = "3g"
_DEPLOY = "org.apache.spark.deploy"
_SERVERS = {
    "spark_thrift": "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
    "spark_connect": "org.apache.spark.sql.connect.service.SparkConnectServer",
}
_PATIENCE_SECONDS = 90


class Cluster:
    """A master and its workers, each a process; executors are children of their worker."""

    def __init__(self, url: str, workers: list[subprocess.Popen[bytes]]) -> None:
        self.url = url
        self.workers = workers

    def kill_worker(self) -> None:
        """Kill a worker and its executors, as a machine that is gone would be."""
        end(self.workers.pop())


@contextmanager
def standalone_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """A master and its workers, one core each; logs are written to `folder`."""
    port = free_port()
    url = f"spark://{HOST}:{port}"
    with ExitStack() as stack:
        where = ["--host", HOST, "--port", str(port), "--webui-port", str(free_port())]
        master = stack.enter_context(
            _running(folder / "master.log", f"{_DEPLOY}.master.Master", *where)
        )
        wait_until(lambda: is_open(port), master, folder / "master.log")
        started = []
        for number in range(workers):
            log = folder / f"worker{number}.log"
            options = ["--host", HOST, "--cores", "1", "--memory", MEMORY]
            options += ["--webui-port", str(free_port()), "--work-dir", str(folder / f"w{number}")]
            worker = stack.enter_context(_running(log, f"{_DEPLOY}.worker.Worker", *options, url))
            wait_until(partial(_is_registered, log), worker, log)
            started.append(worker)
        yield Cluster(url, started)


@contextmanager
def sql_server(target: str, folder: Path, *, with_needed: bool = True) -> Iterator[dict[str, str]]:
    """A Thrift or Connect server, with the settings that builds need; gives those of dbt.

    The key of pseudonyms is the server's own affair: it is in its environment.
    """
    from dbt.adapters.shopspark.connections import SERVER_SETTINGS  # noqa: PLC0415

    port = free_port()
    log = folder / f"{target}.log"
    settings = {
        **(SERVER_SETTINGS if with_needed else {}),
        "spark.master": "local[2]",
        "spark.sql.warehouse.dir": f"{folder}/tables",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder}",
        "spark.sql.catalogImplementation": "hive",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": HOST,
        "spark.hadoop.hive.server2.thrift.port": str(port),
        "spark.hadoop.hive.server2.thrift.bind.host": HOST,
    }
    options = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    options += ["--driver-memory", MEMORY, "--class", _SERVERS[target], "spark-internal"]
    with _running(log, f"{_DEPLOY}.SparkSubmit", *options) as server:
        wait_until(lambda: is_open(port), server, log)
        yield {
            "SHOPTRACK_SPARK_HOST": HOST,
            "SHOPTRACK_SPARK_PORT": str(port),
            "SHOPTRACK_SPARK_REMOTE": f"sc://{HOST}:{port}",
        }


@contextmanager
def _running(log: Path, java_class: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    import pyspark  # noqa: PLC0415  (only where it is installed)

    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        **FEW_ROWS,
        "LC_ALL": "C.UTF-8",
        "SHOPTRACK_HASH_KEY": hash_key(),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
    }
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [home / "bin" / "spark-class", java_class, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end(process)


def _is_registered(log: Path) -> bool:
    return "Successfully registered" in log.read_text()


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its children, unless it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server; raises RuntimeError with the end of its log where it does not come."""
    for _ in range(_PATIENCE_SECONDS * 10):
        if process.poll() is not None:
            break
        if is_so():
            return
        time.sleep(0.1)
    raise RuntimeError(f"Spark's server did not start:\n{log.read_text()[-3000:]}")


def is_open(port: int) -> bool:
    """Whether somebody listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
