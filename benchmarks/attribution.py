"""How long the attribution models take on many touchpoints.

    python -m benchmarks.attribution [--touches 1] [--conversion-rate 0.03]

fills an empty DuckDB file with the tables that attribution begins at: so many million sessions of
people who come 2.5 times within 60 days on average, and the purchases at the end of some of them.
Then it runs dbt on everything from touchpoints to fct_journeys and fct_attribution, as one process,
and prints wall time, processor time (which a busy machine changes less), peak memory and rows.
dbt's own start, some five seconds, is part of it.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import measure

MODELS = (
    "int_sources_numbered",
    "int_sessions_owned",
    "int_sessions_sourced",
    "int_conversions_valued",
    "int_journey_touches",
    "int_journeys_summarized",
    "int_paths_counted",
    "int_touch_groups_credited",
    "int_touches_weighted",
    "int_touches_credited",
    "int_touches_valued",
    "fct_journeys",
    "fct_attribution",
)
COUNTED = (
    "intermediate.int_sessions_sourced",
    "marts.fct_journeys",
    "intermediate.int_paths_counted",
    "marts.fct_attribution",
)
VISITS_PER_PERSON = 2.5
CHANNELS = "['Organic Search', 'Paid Search', 'Paid Social', 'Email', 'Referral', 'Display']"
INPUTS = f"""
create schema intermediate;
create schema marts;
select setseed(0.5);
create table intermediate.int_sessions_summarized as
select *, session_start_at as session_end_at, cast(session_start_at as date) as session_date,
    false as is_bot
from (
    select
        md5('s' || n) as session_id,
        'v' || cast(floor(random() * $touches / {VISITS_PER_PERSON}) as bigint) as visitor_id,
        timestamp '2025-01-01' + to_seconds(floor(random() * 60 * 86400)) as session_start_at
    from range($touches) as numbers(n)
);
create table intermediate.int_channels_classified as
select 'utm' as source_kind, 's' || length(channel) as raw_source, 'm' as raw_medium,
    channel || n as raw_campaign, raw_source as source, raw_medium as medium,
    raw_campaign as campaign, channel
from range(20) as numbers(n), (select unnest({CHANNELS}) as channel);
create table intermediate.int_session_sources as
select visitor_id, session_start_at, source_kind, raw_source, raw_medium, raw_campaign
from (
    select visitor_id, session_start_at, floor(random() * 120) as drawn
    from intermediate.int_sessions_summarized
    where random() < 0.7
) as drawn_sessions
    inner join (
        select *, row_number() over (order by raw_campaign) - 1 as drawn
        from intermediate.int_channels_classified
    ) as channels using (drawn);
create table intermediate.int_visitors_resolved as
select visitor_id, md5(visitor_id) as person_id, null::timestamp as linked_at
from (select distinct visitor_id from intermediate.int_sessions_summarized);
create table intermediate.int_visitors_identified as
select visitor_id, null::varchar as customer_id, min(session_start_at) as first_session_at
from intermediate.int_sessions_summarized group by visitor_id;
create table intermediate.int_guarded_sessions_owned as
select null::varchar as visitor_id, null::timestamp as session_start_at,
    null::varchar as person_id where false;
create table intermediate.int_purchases_valued as
select 'p' || row_number() over () as purchase_id, null::varchar as order_id, visitor_id,
    session_start_at, session_start_at + interval 5 minute as purchased_at, true as is_sale,
    cast(5 + random() * 200 as decimal(18, 2)) as net_revenue
from intermediate.int_sessions_summarized
where random() < $conversion_rate;
create table marts.fct_orders as
select null::varchar as order_id, 1.5 as net_sales_reporting, false as is_first_order where false;
create table marts.fct_order_lines as
select null::varchar as order_id, true as is_sale, true as is_product, 1.5 as unit_cost,
    1.5 as fx_rate, 1 as quantity, 0 as returned_units where false;
"""


def fill(warehouse: Path, touches: int, conversion_rate: float) -> None:
    """Make the tables that the attribution models read."""
    values = {"touches": touches, "conversion_rate": conversion_rate}
    with duckdb.connect(str(warehouse)) as connection:
        for statement in INPUTS.split(";\n"):
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used or None)


def rows_of(warehouse: Path) -> dict[str, int]:
    """Count the rows that were made."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {
            name: int(connection.execute(f"select count(*) from {name}").fetchall()[0][0])
            for name in COUNTED
        }


def main(
    touches: Annotated[float, typer.Option(help="Millions of touchpoints.")] = 1,
    conversion_rate: Annotated[float, typer.Option(help="Part of sessions that buy.")] = 0.03,
) -> None:
    """Print how long the attribution models take."""
    dbt = str(Path(sys.executable).with_name("dbt"))
    with tempfile.TemporaryDirectory(prefix="attribution-") as folder:
        warehouse = Path(folder) / "warehouse.duckdb"
        fill(warehouse, int(touches * 1_000_000), conversion_rate)
        target = str(Path(folder) / "target")
        command = [dbt, "--quiet", "run", "--target-path", target, "--select", *MODELS]
        settings = {
            "SHOPTRACK_LANDING": str(Path(folder) / "landing"),
            "SHOPTRACK_WAREHOUSE": str(warehouse),
        }
        run = measure(command, settings)
        made = rows_of(warehouse)
    title = f"{touches:g} million touchpoints, {os.cpu_count()} cores"
    table = Table("", "", title=title)
    table.add_row("seconds", f"{run.seconds:.1f}")
    table.add_row("processor seconds", f"{run.processor_seconds:.1f}")
    table.add_row("peak memory, GiB", f"{run.peak_gib:.1f}")
    for name, count in made.items():
        table.add_row(f"rows of {name}", f"{count:,}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
