"""Who comes on a day, at what time and how: from planned visits to sessions."""

from __future__ import annotations

import numpy as np

from shoptrack.demo import marketing, rates
from shoptrack.demo.devices import BOT_SHARES, FIRST_BOT_PLATFORM, KIND_OF_PLATFORM
from shoptrack.demo.draws import HOUR_MS, MINUTE_MS, Array, day_start, pick, stream
from shoptrack.demo.people import AGAIN, NEW, REMINDER, REPEAT, RETURN, People

KNOWN_BOT, BEHAVIOUR_BOT = 1, 2
SESSION = np.dtype(
    [
        ("number", "i8"),
        ("person", "i4"),
        ("device", "i4"),
        ("kind", "i1"),
        ("bot", "i1"),
        ("start", "i8"),
        ("end", "i8"),
        ("entry", "i2"),
        ("country", "i1"),
        ("city", "i1"),
        ("currency", "i1"),
        ("depth", "i1"),
        ("is_treated", "?"),
        ("is_logged_in", "?"),
        ("is_known_at_checkout", "?"),
        ("lists", "i2"),
        ("views", "i2"),
        ("cart", "i4"),
        ("order", "i4"),
        ("is_tracked", "?"),
        ("signs_up", "?"),
    ]
)
_PRIORITY = np.zeros(5, dtype=np.int64)
_PRIORITY[[REMINDER, REPEAT, NEW, RETURN]] = (0, 1, 2, 3)


def sessions_of_day(seed: int, day: int, people: People, reminded: Array) -> Array:
    """Sessions (dtype SESSION) of people on a day, without what happens in them.

    A device and a person have one visit a day, besides a second look hours later; further visits
    move to the next day. So two sessions of a visitor lie an hour apart or more.
    """
    rng = stream(seed, "visits", day)
    due = people.agenda.take(day, reminded.dtype)
    planned = np.concatenate([reminded, due, people.arrive(day)])
    planned = planned[np.argsort(_PRIORITY[planned["kind"]], kind="stable")]
    persons = people.rows[planned["person"]]
    uses_second = rng.random(len(planned)) < rates.SECOND_DEVICE_USE
    uses_second &= (persons["second_device"] >= 0) & ~np.isin(planned["kind"], (NEW, REMINDER))
    device = np.where(uses_second, persons["second_device"], persons["device"])
    is_first = _first_of(planned["person"]) & _first_of(device)
    deferred = planned[~is_first & (planned["kind"] != REMINDER)]
    people.agenda.put(np.full(len(deferred), day + 1), deferred)
    sessions = _sessions(rng, day, people, planned[is_first], device[is_first])
    return _with_second_looks(rng, day, sessions)


def _first_of(keys: Array) -> Array:
    is_first = np.zeros(len(keys), dtype=bool)
    is_first[np.unique(keys, return_index=True)[1]] = True
    return is_first


def _sessions(
    rng: np.random.Generator, day: int, people: People, planned: Array, device: Array
) -> Array:
    sessions = np.zeros(len(planned), SESSION)
    persons = people.rows[planned["person"]]
    sessions["person"] = planned["person"]
    sessions["device"] = device
    sessions["kind"] = planned["kind"]
    drawn = day_start(day) + _time_of_day(rng, len(planned))
    start = np.where(planned["at"] > 0, planned["at"], drawn)
    sessions["start"] = np.maximum(start, people.devices["last_end"][device] + HOUR_MS)
    sessions["entry"] = marketing.draw_entries(rng, persons["acquisition"], planned["kind"])
    sessions["country"] = persons["country"]
    sessions["city"] = persons["city"]
    sessions["currency"] = persons["country"] == rates.COUNTRIES.index("GB")
    arms = people.devices["arms"][device]
    for bit, runs in enumerate(rates.in_experiment(day)):
        if runs and rates.EXPERIMENTS[bit]["effect"]:
            sessions["is_treated"] |= (arms >> bit & 1).astype(bool)
    logs_in = rng.random(len(planned)) < rates.LOGIN_SHARE
    sessions["is_logged_in"] = persons["has_account"] & logs_in
    sessions["cart"] = sessions["order"] = -1
    return sessions


def _time_of_day(rng: np.random.Generator, size: int) -> Array:
    hour = pick(rng, rates.HOUR_WEIGHTS, size)
    at = hour * HOUR_MS + rng.integers(0, HOUR_MS, size)
    late = 24 * HOUR_MS - rng.integers(1, 10 * MINUTE_MS, size)
    return np.where(rng.random(size) < rates.MIDNIGHT_SHARE, late, at)


def _with_second_looks(rng: np.random.Generator, day: int, sessions: Array) -> Array:
    """Add a second session some hours later for a few who only browse."""
    again = rng.random(len(sessions)) < rates.SECOND_SESSION_SHARE
    again &= (sessions["start"] - day_start(day)) < 17 * HOUR_MS
    second = sessions[again & np.isin(sessions["kind"], (NEW, RETURN))]
    second["kind"] = AGAIN
    second["start"] += rng.integers(3 * HOUR_MS, 6 * HOUR_MS, len(second))
    second["entry"] = marketing.DIRECT_ENTRY
    return np.concatenate([sessions, second])


def bot_sessions(seed: int, day: int, people: People, human_count: int) -> Array:
    """Sessions of bots on a day: known ones by user agent, a few only by what they do."""
    rng = stream(seed, "bots", day)
    known = int(rng.poisson(rates.KNOWN_BOT_SHARE * human_count))
    other = int(rng.poisson(rates.BEHAVIOUR_BOT_SHARE * human_count))
    sessions = np.zeros(known + other, SESSION)
    sessions["person"] = sessions["cart"] = sessions["order"] = -1
    sessions["bot"][:known] = KNOWN_BOT
    sessions["bot"][known:] = BEHAVIOUR_BOT
    desktop = np.zeros(known + other, dtype=np.int64)
    sessions["device"] = people.add_devices(rng, desktop)
    platforms = FIRST_BOT_PLATFORM + pick(rng, BOT_SHARES, known)
    people.devices["platform"][sessions["device"][:known]] = platforms
    sessions["start"] = day_start(day) + rng.integers(0, 22 * HOUR_MS, known + other)
    sessions["entry"] = marketing.DIRECT_ENTRY
    sessions["country"] = rates.COUNTRIES.index("US")
    sessions["depth"] = 2
    sessions["lists"] = rng.geometric(0.2, known + other)
    sessions["views"] = rng.geometric(0.2, known + other)
    sessions["lists"][known:] += rng.integers(350, 500, other)
    sessions["views"][known:] += rng.integers(120, 200, other)
    return sessions


def device_kinds(people: People, sessions: Array) -> Array:
    """Kind of device (0 desktop, 1 mobile, 2 tablet) of each session."""
    kinds: Array = KIND_OF_PLATFORM[people.devices["platform"][sessions["device"]]]
    return kinds
