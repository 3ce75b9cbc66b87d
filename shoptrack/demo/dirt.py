"""The dirt of real life: late rows, copies, disorder and rows that are wrong; and the daily loads."""

from __future__ import annotations

from collections import defaultdict, deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates
from shoptrack.demo.draws import (
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    Array,
    day_date,
    day_of,
    load_time,
    stream,
)
from shoptrack.demo.text import plain
from shoptrack.demo.truth import Truth
from shoptrack.landing import LandedFile, land_table

EVENTS = "web.events"
LATE_TABLES = ("shop.orders", "shop.order_lines", "shop.refunds", "shop.customers", "shop.reviews")
COPIED_TABLES = (*LATE_TABLES, "shop.messages", "shop.ad_spend", "web.consents")
FILES_UNDER_WAY = 12
_AT = "_at"


class Flaw(NamedTuple):
    """What is wrong in a planted row: the reason that truth.json counts it under, and where."""

    reason: str
    column: str
    text: str | None


_IMPOSSIBLE = "2025-02-30 25:61:00"
FLAWS: dict[str, tuple[Flaw, ...]] = {
    EVENTS: (
        Flaw("event_at: impossible date", "event_at", _IMPOSSIBLE),
        Flaw("event_id: missing", "event_id", None),
        Flaw("visitor_id: missing", "visitor_id", None),
        Flaw("event_name: missing", "event_name", None),
        Flaw("value: not a number", "value", "12,90 EUR"),
        Flaw("engagement_ms: not a number", "engagement_ms", "fast"),
    ),
    "shop.orders": (
        Flaw("order_id: missing", "order_id", None),
        Flaw("ordered_at: impossible date", "ordered_at", _IMPOSSIBLE),
        Flaw("total: not a number", "total", "n/a"),
    ),
    "shop.order_lines": (
        Flaw("quantity: negative", "quantity", "-2"),
        Flaw("quantity: not a number", "quantity", "two"),
        Flaw("unit_price: not a number", "unit_price", "free"),
        Flaw("product_id: missing", "product_id", None),
    ),
    "shop.refunds": (
        Flaw("amount: negative", "amount", "-9.90"),
        Flaw("refunded_at: impossible date", "refunded_at", _IMPOSSIBLE),
    ),
    "shop.customers": (Flaw("customer_id: missing", "customer_id", None),),
    "shop.inventory_snapshots": (Flaw("on_hand: not a number", "on_hand", "unknown"),),
    "shop.ad_spend": (
        Flaw("spend: not a number", "spend", "-"),
        Flaw("campaign_id: missing", "campaign_id", None),
    ),
    "shop.reviews": (
        Flaw("rating: not a number", "rating", "five"),
        Flaw("rating: out of range", "rating", "11"),
    ),
    "web.experiment_exposures": (Flaw("variant: missing", "variant", None),),
    "web.consents": (Flaw("recorded_at: impossible date", "recorded_at", "2025-13-01 10:00:00"),),
}


class Loads:
    """Brings rows into the landing zone in daily loads, and spoils them a little on the way.

    Rows that are late, and copies that come later, wait as text until their load. What is still
    waiting after the last day comes in one more load, a day later.
    """

    def __init__(self, zone: Path, seed: int, days: int, truth: Truth) -> None:
        self._zone = zone
        self._seed = seed
        self._last = days
        self._truth = truth
        self._pool = ThreadPoolExecutor(max_workers=3)
        self._landing: deque[Future[LandedFile]] = deque()
        self._waiting: dict[int, dict[str, list[pa.Table]]] = defaultdict(lambda: defaultdict(list))

    def receive_events(self, day: int, rows: pa.Table, at: Array, session: Array) -> None:
        """Send the day's events (in session order); those after midnight belong to the next day."""
        rng = stream(self._seed, "dirt " + EVENTS, day)
        own = day_of(at)
        is_late = rng.random(len(at)) < rates.LATE_ROW_SHARE
        sessions = int(session.max()) + 1 if len(session) else 0
        is_late |= (rng.random(sessions) < rates.LATE_SESSION_SHARE)[session]
        delay = np.where(is_late, _late_days(rng, len(at), rates.LATE_MAX_DAYS), 0)
        travel = rng.exponential(5 * SECOND_MS, len(at))
        travel += (rng.random(len(at)) < 0.01) * rng.uniform(MINUTE_MS, 3 * HOUR_MS, len(at))
        rows = rows.append_column(_AT, pa.array(at))
        self._send(rng, day, EVENTS, rows, own, delay, at + travel)

    def receive(self, day: int, table: str, rows: pa.Table | None) -> None:
        """Send the day's rows of another table."""
        if rows is None or not rows.num_rows:
            return
        rng = stream(self._seed, "dirt " + table, day)
        size = rows.num_rows
        is_late = rng.random(size) < (rates.LATE_SHOP_SHARE if table in LATE_TABLES else 0)
        delay = np.where(is_late, rng.integers(1, rates.LATE_SHOP_MAX_DAYS + 1, size), 0)
        self._send(rng, day, table, rows, np.full(size, day), delay, rng.random(size))

    def _send(  # noqa: PLR0913, PLR0917
        self,
        rng: np.random.Generator,
        day: int,
        table: str,
        rows: pa.Table,
        own: Array,
        delay: Array,
        order: Array,
    ) -> None:
        self._truth.add(rows.num_rows, "rows_before_dirt", table)
        due = np.minimum(own + delay, self._last)
        self._truth.add(int((due > own).sum()), "dirt", "late_rows", table)
        row, load, order = self._with_copies(rng, table, due, order)
        sequence = np.lexsort((order, load))
        row, load = row[sequence], load[sequence]
        today = int(np.searchsorted(load, day + 1))
        now = plain(rows.take(pa.array(row[:today])))
        self._waiting[day][table].append(self._with_flaws(rng, table, now))
        if today < len(row):
            self._postpone(table, plain(rows.take(pa.array(row[today:]))), load[today:])

    def _postpone(self, table: str, rows: pa.Table, load: Array) -> None:
        """Let rows wait for their loads; `load` holds the day of each and rises."""
        days, starts = np.unique(load, return_index=True)
        ends = np.append(starts[1:], len(load))
        for day, start, end in zip(days.tolist(), starts, ends, strict=True):
            self._waiting[day][table].append(rows.slice(start, end - start))

    def _with_copies(
        self, rng: np.random.Generator, table: str, due: Array, order: Array
    ) -> tuple[Array, Array, Array]:
        """Row numbers, their loads and their order, with some rows twice: in one load or a later."""
        row = np.arange(len(due))
        share = rates.DUPLICATE_SHARE if table in (EVENTS, *COPIED_TABLES) else 0
        copied = np.flatnonzero(rng.random(len(due)) < share)
        is_later = rng.random(len(copied)) < rates.DUPLICATE_LATER_SHARE
        wait = is_later * rng.integers(1, rates.DUPLICATE_LATER_DAYS + 1, len(copied))
        load = np.minimum(due[copied] + wait, self._last)
        later = int((load > due[copied]).sum())
        self._truth.add(later, "dirt", "duplicates", table, "later_load")
        self._truth.add(len(copied) - later, "dirt", "duplicates", table, "same_load")
        moved = order[copied] + rng.random(len(copied)) * (HOUR_MS if table == EVENTS else 1)
        return (
            np.concatenate([row, copied]),
            np.concatenate([due, load]),
            np.concatenate([order, moved]),
        )

    def _with_flaws(self, rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table:
        """Add a few rows that are wrong: copies under keys of their own, with one value spoilt."""
        flaws = FLAWS.get(table, ())
        share = rates.BAD_ROW_SHARE if table == EVENTS else rates.BAD_SHOP_ROW_SHARE
        count = int(rng.poisson(share * rows.num_rows)) if flaws else 0
        if not count:
            return rows
        chosen = rng.integers(0, rows.num_rows, count)
        spoilt = rows.take(pa.array(chosen)).to_pylist()
        key = rows.column_names[0]
        for number, values in enumerate(spoilt):
            flaw = flaws[int(rng.integers(0, len(flaws)))]
            values[key] = f"{values[key]}-{number + 1}"
            values[flaw.column] = flaw.text
            self._truth.add(1, "dirt", "bad_rows", table, flaw.reason)
        return pa.concat_tables([rows, pa.Table.from_pylist(spoilt, rows.schema)])

    def land(self, day: int) -> None:
        """Land all that is due on a day."""
        for table, parts in sorted(self._waiting.pop(day, {}).items()):
            rows = pa.concat_tables(parts)
            if table == EVENTS:
                at = rows.column(_AT).to_numpy().astype(np.int64)
                disorder = int((at < np.maximum.accumulate(at)).sum())
                self._truth.add(disorder, "dirt", "rows_out_of_order", table)
                rows = rows.drop_columns([_AT])
            self._truth.add(rows.num_rows, "rows_landed", table)
            self._submit(day, table, rows)

    def _submit(self, day: int, table: str, rows: pa.Table) -> None:
        """Land one file beside the simulation; not more than one day's files are under way."""
        if len(self._landing) >= FILES_UNDER_WAY:
            self._landing.popleft().result()
        name = f"{table.split('.')[1]}_{day_date(day).isoformat()}.parquet"
        self._landing.append(
            self._pool.submit(
                land_table, self._zone, table, rows, file_name=name, loaded_at=load_time(day)
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """Land what is still waiting after the last day, and wait for all files."""
        with self._pool:
            if error is None:
                self.land(self._last)
                for landing in self._landing:
                    landing.result()


def _late_days(rng: np.random.Generator, size: int, longest: int) -> Array:
    """Days that a row is late: mostly one or two, up to `longest`."""
    long = rng.integers(1, longest + 1, size)
    return np.where(rng.random(size) < 0.6, rng.integers(1, 3, size), long)
