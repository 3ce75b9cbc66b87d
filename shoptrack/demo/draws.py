"""Random streams, the calendar and growing state: what every part of the simulator draws with."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FIRST_DATE = date(2025, 1, 1)
FIRST_MS = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 1000
SECOND_MS = 1000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def stream(seed: int, subject: str, day: int) -> np.random.Generator:
    """Random generator of one subject on one day.

    Each (subject, day) has a stream of its own, so a day's draw depends neither on how many days
    are simulated nor on what another subject draws.
    """
    key = (zlib.crc32(subject.encode()), day)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def day_start(day: int) -> int:
    """First millisecond (Unix time, UTC) of a day counted from 0."""
    return FIRST_MS + day * DAY_MS


def day_date(day: int) -> date:
    """Calendar date of a day counted from 0."""
    return FIRST_DATE + timedelta(days=day)


def day_of(at: Array) -> Array:
    """Day numbers of moments in Unix milliseconds."""
    days: Array = (at - FIRST_MS) // DAY_MS
    return days


def load_time(day: int) -> datetime:
    """When the rows of a day are loaded: 02:00 UTC of the next day."""
    midnight = datetime.combine(day_date(day + 1), datetime.min.time(), UTC)
    return midnight + timedelta(hours=2)


def pick(rng: np.random.Generator, weights: Array, size: int) -> Array:
    """`size` independent codes 0 … len(weights) − 1, each with a chance by its weight."""
    cumulative = np.cumsum(weights, dtype=np.float64)
    codes: Array = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    codes = np.minimum(codes, len(weights) - 1)
    return codes


def pick_by_row(rng: np.random.Generator, weights: Array, rows: Array) -> Array:
    """One code per element of `rows`, drawn with the weights of that row of a (k, m) table."""
    cumulative = np.cumsum(weights, axis=1)
    chosen = cumulative[rows]
    codes: Array = (rng.random(len(rows))[:, None] * chosen[:, -1:] >= chosen).sum(axis=1)
    codes = np.minimum(codes, weights.shape[1] - 1)
    return codes


def wait_days(rng: np.random.Generator, size: int, low: int, high: int) -> Array:
    """Whole days from `low` to `high`, both inclusive, uniformly."""
    return rng.integers(low, high + 1, size)


def office_time(day: int, numbers: Array) -> Array:
    """A moment between 07:00 and 17:00 UTC of a day for each number, in Unix milliseconds."""
    moments: Array = day_start(day) + 7 * HOUR_MS + numbers * 7_919_993 % (10 * HOUR_MS)
    return moments


class Growing:
    """A structured array that grows by doubling; `rows` is a writable view of what is in use."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._room = np.zeros(1024, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Array:
        """The records in use; a view that is valid until the next `add`."""
        return self._room[: self._count]

    def add(self, count: int) -> Array:
        """Append `count` zeroed records and return their indices."""
        first, self._count = self._count, self._count + count
        if self._count > len(self._room):
            room = np.zeros(max(self._count, 2 * len(self._room)), self._room.dtype)
            room[:first] = self._room[:first]
            self._room = room
        return np.arange(first, self._count)


class Agenda:
    """What is to happen on later days: arrays by day. What lies beyond the last day is dropped."""

    def __init__(self, days: int) -> None:
        self._days = days
        self._entries: dict[int, list[Array]] = {}

    def put(self, due: Array, entries: Array) -> None:
        """Enter each element of `entries` on the day of the same position in `due`."""
        within = due < self._days
        due, entries = due[within], entries[within]
        order = np.argsort(due, kind="stable")
        dates, starts = np.unique(due[order], return_index=True)
        for day, part in zip(dates, np.split(entries[order], starts[1:]), strict=False):
            self._entries.setdefault(int(day), []).append(part)

    def take(self, day: int, dtype: np.dtype[Any]) -> Array:
        """Remove and return the entries of one day, in the order in which they were put."""
        entries = self._entries.pop(day, [])
        return np.concatenate(entries) if entries else np.zeros(0, dtype)
