"""The daily loads and their dirt: late rows, copies, disorder, and rows that are wrong."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates
from shoptrack.demo.dialects import Dialects
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
from shoptrack.landing import land_table

EVENTS = "web.events"
LATE_TABLES = ("shop.orders", "shop.order_lines", "shop.refunds", "shop.customers", "shop.reviews")
COPIED_TABLES = (EVENTS, *LATE_TABLES, "shop.messages", "shop.ad_spend", "web.consents")
_AT = "_at"
_Parts = dict[int, dict[str, list[pa.Table]]]


class Flaw(NamedTuple):
    """What is wrong in a planted row: the reason that truth.json counts it under, and where."""

    reason: str
    column: str
    text: str | None


_IMPOSSIBLE = "2025-02-30 25:61:00"
FLAWS: dict[str, tuple[Flaw, ...]] = {
    EVENTS: (
        Flaw("event_at is not a timestamp", "event_at", _IMPOSSIBLE),
        Flaw("event_id is missing", "event_id", None),
        Flaw("visitor_id is missing", "visitor_id", None),
        Flaw("event_name is missing", "event_name", None),
        Flaw("value is not a number", "value", "12,90 EUR"),
        Flaw("engagement_ms is not a whole number", "engagement_ms", "fast"),
    ),
    "shop.orders": (
        Flaw("order_id is missing", "order_id", None),
        Flaw("ordered_at is not a timestamp", "ordered_at", _IMPOSSIBLE),
        Flaw("total is not a number", "total", "n/a"),
    ),
    "shop.order_lines": (
        Flaw("quantity is not above 0", "quantity", "-2"),
        Flaw("quantity is not a whole number", "quantity", "two"),
        Flaw("unit_price is not a number", "unit_price", "free"),
        Flaw("product_id is missing", "product_id", None),
    ),
    "shop.refunds": (
        Flaw("amount is negative", "amount", "-9.90"),
        Flaw("refunded_at is not a timestamp", "refunded_at", _IMPOSSIBLE),
    ),
    "shop.customers": (Flaw("customer_id is missing", "customer_id", None),),
    "shop.inventory_snapshots": (Flaw("on_hand is not a whole number", "on_hand", "unknown"),),
    "shop.ad_spend": (
        Flaw("spend is not a number", "spend", "-"),
        Flaw("campaign_id is missing", "campaign_id", None),
    ),
    "shop.reviews": (
        Flaw("rating is not a whole number", "rating", "five"),
        Flaw("rating is not between 1 and 5", "rating", "11"),
    ),
    "web.experiment_exposures": (Flaw("variant is missing", "variant", None),),
    "web.consents": (Flaw("recorded_at is not a timestamp", "recorded_at", "2025-13-01 10:00:00"),),
}


class Loads:
    """Brings rows into the landing zone in daily loads, and spoils them a little on the way.

    Rows that are late, and copies that come later, wait as text until their load. What is still
    waiting after the last day comes in one more load, a day later.
    """

    def __init__(self, zone: Path, seed: int, days: int, truth: Truth, dialects: Dialects) -> None:
        self._zone = zone
        self._dialects = dialects
        self._seed = seed
        self._last = days
        self._truth = truth
        self._waiting: _Parts = defaultdict(lambda: defaultdict(list))
        self._copies: _Parts = defaultdict(lambda: defaultdict(list))

    def receive_events(self, day: int, rows: pa.Table, at: Array, session: Array) -> None:
        """Send the day's events (in session order); those after midnight belong to the next day."""
        rng = stream(self._seed, "dirt " + EVENTS, day)
        own = day_of(at)
        is_late = rng.random(len(at)) < rates.LATE_ROW_SHARE
        sessions = int(session.max()) + 1 if len(session) else 0
        is_late |= (rng.random(sessions) < rates.LATE_SESSION_SHARE)[session]
        delay = np.where(is_late, _late_days(rng, len(at), rates.LATE_MAX_DAYS), 0)
        travel = rng.exponential(0.3 * SECOND_MS, len(at))
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
        self._send(rng, day, table, plain(rows), np.full(size, day), delay, rng.random(size))

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
        copied, load = self._draw_copies(rng, table, due)
        is_later = load > due[copied]
        again = copied[~is_later]
        self._truth.add(len(again), "dirt", "duplicates", table, "same_load")
        moved = order[again] + rng.random(len(again)) * (HOUR_MS if table == EVENTS else 1)
        row = np.concatenate([np.arange(len(due)), again])
        sequence = np.argsort(np.concatenate([order, moved]), kind="stable")
        _spread(self._waiting, table, rows, row[sequence], due[row][sequence])
        _spread(self._copies, table, rows, copied[is_later], load[is_later])
        flawed = self._flawed(rng, table, rows)
        if flawed:
            self._waiting[day][table].append(flawed)

    def _draw_copies(self, rng: np.random.Generator, table: str, due: Array) -> tuple[Array, Array]:
        """Numbers of the rows that come twice, and the load in which each comes again."""
        share = rates.DUPLICATE_SHARE if table in COPIED_TABLES else 0
        copied = np.flatnonzero(rng.random(len(due)) < share)
        is_later = rng.random(len(copied)) < rates.DUPLICATE_LATER_SHARE
        wait = is_later * rng.integers(1, rates.DUPLICATE_LATER_DAYS + 1, len(copied))
        return copied, np.minimum(due[copied] + wait, self._last)

    def _flawed(self, rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table | None:
        """A few rows that are wrong: copies under keys of their own, with one value spoilt."""
        flaws = FLAWS.get(table, ())
        share = rates.BAD_ROW_SHARE if table == EVENTS else rates.BAD_SHOP_ROW_SHARE
        count = int(rng.poisson(share * rows.num_rows)) if flaws else 0
        if not count:
            return None
        models = plain(rows.take(pa.array(rng.integers(0, rows.num_rows, count))))
        spoilt = models.to_pylist()
        key = models.column_names[0]
        for number, values in enumerate(spoilt):
            flaw = flaws[int(rng.integers(0, len(flaws)))]
            values[key] = f"{values[key]}-{number + 1}"
            values[flaw.column] = flaw.text
            self._truth.add(1, "dirt", "bad_rows", table, flaw.reason)
        return pa.Table.from_pylist(spoilt, models.schema)

    def land(self, day: int) -> None:
        """Land all that is due on a day."""
        due = self._waiting.pop(day, {})
        for table, copies in self._copies.pop(day, {}).items():
            if table in due:
                due[table] += copies
                count = sum(part.num_rows for part in copies)
                self._truth.add(count, "dirt", "duplicates", table, "later_load")
            elif day < self._last:  # a file of copies alone might equal one that was landed before
                self._copies[day + 1][table] += copies
        rows = {
            table: self._counted(table, pa.concat_tables(parts))
            for table, parts in sorted(due.items())
        }
        for raw in self._dialects.write(day_date(day).isoformat(), rows):
            land_table(
                self._zone,
                raw.table,
                raw.rows,
                file_name=raw.file_name,
                loaded_at=load_time(day),
            )

    def _counted(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows as they are landed, after they were counted for the truth."""
        if table == EVENTS:
            at = rows.column(_AT).to_numpy()
            disorder = int((at < np.maximum.accumulate(at)).sum())
            self._truth.add(disorder, "dirt", "rows_out_of_order", table)
            rows = rows.drop_columns([_AT])
        self._truth.add(rows.num_rows, "rows_landed", table)
        return rows

    def finish(self) -> None:
        """Land what is still waiting after the last day."""
        self.land(self._last)


def _spread(waiting: _Parts, table: str, rows: pa.Table, row: Array, load: Array) -> None:
    """Let the rows with the numbers in `row` wait for their loads, in this order within a load.

    The rows of the first load are a table of their own, so that those which wait longer do not keep
    them in memory.
    """
    if not len(row):
        return
    sequence = np.argsort(load, kind="stable")
    days, starts = np.unique(load[sequence], return_index=True)
    ends = np.append(starts[1:], len(row))
    first = plain(rows.take(pa.array(row[sequence[: ends[0]]])))
    waiting[int(days[0])][table].append(first)
    if len(days) == 1:
        return
    others = plain(rows.take(pa.array(row[sequence[ends[0] :]])))
    for day, start, end in zip(days[1:].tolist(), starts[1:], ends[1:], strict=True):
        waiting[day][table].append(others.slice(start - ends[0], end - start))


def _late_days(rng: np.random.Generator, size: int, longest: int) -> Array:
    """Days that a row is late: mostly one or two, up to `longest`."""
    long = rng.integers(1, longest + 1, size)
    return np.where(rng.random(size) < 0.6, rng.integers(1, 3, size), long)
