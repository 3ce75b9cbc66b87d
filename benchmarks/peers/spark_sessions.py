"""Session tables by hand in Spark, on this machine alone.

    python spark_sessions.py 'landing/web/events/*.parquet' FOLDER

Runs in an environment that has pyspark and Java 17, which need not be this project's. Spark gets
two threads and the memory that DuckDB may use. The statements are those of spark_sessions.sql.
"""

import os
import re
import shutil
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("spark_sessions.sql")


def heap() -> str:
    """Spark's heap: as much as DuckDB may use, see shoptrack.memory."""
    memory = os.environ.get("SHOPTRACK_MEMORY") or "40%"
    if not memory.endswith("%"):
        return memory.removesuffix("B").lower()
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{int(machine * float(memory.removesuffix('%')) / 100) >> 20}m"


def run(events: str, folder: Path) -> None:
    """Write the tables `events_sessionized` and `sessions_summarized` as Parquet files."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  (absent where this is only imported)

    shutil.rmtree(folder, ignore_errors=True)
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", heap())
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.warehouse.dir", str(folder))
        .config("spark.local.dir", str(folder.with_name("spark_temporary")))
        .getOrCreate()
    )
    spark.read.option("mergeSchema", "true").parquet(events).createOrReplaceTempView("landed")
    for statement in statements(SCRIPT.read_text(encoding="utf-8")):
        spark.sql(statement)
    spark.stop()


def statements(script: str) -> list[str]:
    """Statements of a script, without its comments."""
    code = re.sub(r"^--.*\n", "", script, flags=re.MULTILINE)
    return [statement for statement in code.split(";\n") if statement.strip()]


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]))
