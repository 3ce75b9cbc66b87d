"""Runs a SQL file in an empty DuckDB file, with the settings that dbt's profile has.

    python -m benchmarks.peers.run_sql sessions.sql DATABASE 'landing/web/events/*.parquet'

The file reads what it needs from variables: the events' pattern, the key of pseudonyms, and the
file of robots' user agents.
"""

import sys
from pathlib import Path

import duckdb

from shoptrack.contract import PROJECT_ROOT
from shoptrack.hash_key import hash_key
from shoptrack.memory import memory_limit

FOLDER = Path(__file__).parent
CONFIG = {
    "threads": 2,
    "memory_limit": memory_limit(),
    "preserve_insertion_order": False,
}


def run(script: str, database: Path, events: str) -> None:
    """Run a script of this folder; an older database file is removed."""
    database.unlink(missing_ok=True)
    variables = {
        "events": events,
        "hash_key": hash_key(),
        "bot_user_agents": str(PROJECT_ROOT / "seeds" / "bot_user_agents.csv"),
    }
    with duckdb.connect(str(database), config=CONFIG) as connection:
        connection.execute("set enable_progress_bar = false")
        for name, value in variables.items():
            connection.execute(f"set variable {name} = $value", {"value": value})
        connection.execute((FOLDER / script).read_text(encoding="utf-8"))


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
