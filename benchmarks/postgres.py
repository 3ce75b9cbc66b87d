"""How fast the marts get into PostgreSQL: `shoptrack publish` beside psql's \\copy of the same CSV.

    python -m benchmarks.postgres [--rows 10000000]

starts a PostgreSQL of its own, makes sessions in DuckDB, loads them with the project's code, and
then a CSV file of them with psql in one transaction, as somebody would write it by hand: create
table, \\copy with freeze, primary key, indexes, analyze. Both end with the same table. Writing the
CSV file takes psql's user time too; it is printed, and not counted.
"""

import resource
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from shoptrack.publishing import load_postgres
from tests.python.publishing.copies import write_copy
from tests.python.publishing.server import NOT_INSTALLED, Server, programs, running_server

SETTINGS = ("max_wal_size=4GB", "shared_buffers=512MB")
SESSIONS = """
    create table fct_sessions as
    select
        md5(cast(n as varchar)) as session_id,
        'v' || n % ({rows} // 3 + 1) as visitor_id,
        if(n % 9 = 0, 'c' || n % 50000, null) as customer_id,
        date '2024-01-01' + cast(n * 365 // {rows} as integer) as session_date,
        timestamp '2024-01-01' + to_seconds(n * 31536000 // {rows}) as started_at,
        ['Direct', 'Organic Search', 'Paid Search', 'Email'][1 + n % 4] as channel,
        ['desktop', 'mobile'][1 + n % 2] as device_category,
        ['DE', 'FR', 'NL', '(not set)'][1 + n % 4] as country,
        if(n % 5 = 0, null, '/products/item-' || n % 2000 || '?colour="red"') as landing_page,
        n % 3 = 0 as is_engaged,
        n % 11 as page_views,
        n % 1801 / 3 as duration_seconds,
        cast(if(n % 40 = 0, n % 10000 / 100, 0) as decimal(18, 2)) as net_revenue
    from range({rows}) as numbers(n)
"""
BY_HAND = """
    begin;
    create table sessions (
        session_id text not null, visitor_id text, customer_id text, session_date date,
        started_at timestamp, channel text, device_category text, country text, landing_page text,
        is_engaged boolean, page_views bigint, duration_seconds double precision,
        net_revenue numeric(18, 2)
    );
    \\copy sessions from '{file}' with (format csv, freeze)
    \\echo copied
    set maintenance_work_mem = '256MB';
    alter table sessions add primary key (session_id);
    create index on sessions (session_date);
    create index on sessions (customer_id);
    create index on sessions (visitor_id);
    analyze sessions;
    commit;
"""
SAME = """
    select count(*), sum(net_revenue), count(landing_page), sum(page_views), max(duration_seconds),
    min(session_date), max(session_date) from {}
"""


def load_with_psql(server: Server, database: str, file: Path) -> tuple[float, float]:
    """Load the CSV by hand; return seconds until it was copied, and in all."""
    start = time.perf_counter()
    script = "\n".join(line.strip() for line in BY_HAND.format(file=file).splitlines())
    command = ["psql", server.url(database), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(script)
        process.stdin.close()
        assert process.stdout.readline() == "copied\n"
        copied = time.perf_counter() - start
        assert process.wait() == 0
    return copied, time.perf_counter() - start


def load_with_shoptrack(server: Server, database: str, copy: Path) -> float:
    """Load the copy as `shoptrack publish` does; return seconds."""
    start = time.perf_counter()
    load_postgres(copy, server.url(database))
    return time.perf_counter() - start


def main(rows: Annotated[int, typer.Option(help="How many sessions.")] = 10_000_000) -> None:
    """Load the same sessions both ways, check that they are the same, and print both."""
    if not programs():
        raise SystemExit(NOT_INSTALLED)
    say = Console(highlight=False, width=120).print
    with tempfile.TemporaryDirectory() as folder, running_server(*SETTINGS) as server:
        copy = Path(folder) / "marts.duckdb"
        # In a process of its own, so that the peak memory is that of the load.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process_pool:
            process_pool.submit(write_copy, copy, SESSIONS.format(rows=rows)).result()
        database = server.new_database()
        seconds = load_with_shoptrack(server, database, copy)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        file = Path(folder) / "sessions.csv"
        start = time.perf_counter()
        with duckdb.connect(str(copy), read_only=True) as connection:
            connection.execute("set enable_progress_bar = false")
            connection.execute(f"copy fct_sessions to '{file}' (header false)")
        written = time.perf_counter() - start
        size = file.stat().st_size / 1e6
        copied, by_hand = load_with_psql(server, database, file)
        here, there = (
            server.rows(database, SAME.format(name)) for name in ("marts.fct_sessions", "sessions")
        )
        assert here == there
    say(f"{rows:,} sessions, {size:,.0f} MB of CSV, with primary key, three indexes, statistics:")
    for name, taken in (("shoptrack publish", seconds), ("psql by hand", by_hand)):
        say(f"  {name:<18}{taken:7.1f} s {rows / taken:>11,.0f} rows/s {size / taken:7.1f} MB/s")
    say(f"  ratio of the two: {seconds / by_hand:.2f} (psql's \\copy alone: {copied:.1f} s)")
    say(f"  not counted: {written:.1f} s in which DuckDB wrote the CSV file for psql")
    say(f"  peak memory of shoptrack: {peak:.2f} GiB")


if __name__ == "__main__":
    typer.run(main)
