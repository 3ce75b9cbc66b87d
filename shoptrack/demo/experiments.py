"""Experiments: which visitors saw which variant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from shoptrack.demo import rates, text
from shoptrack.demo.draws import Array, day_date, stream
from shoptrack.demo.people import People, visitor_ids

VARIANTS = ("control", "treatment")
EXPOSURE = np.dtype(
    [("experiment", "i1"), ("device", "i4"), ("person", "i4"), ("variant", "i1"), ("at", "i8")]
)


def experiments_table(day: int) -> pa.Table | None:
    """Rows of web.experiments for those that begin on a day, or None."""
    rows: list[dict[str, Any]] = []
    for each in rates.EXPERIMENTS:
        if each["first_day"] != day:
            continue
        start = day_date(day)
        for variant in VARIANTS:
            rows.append(
                {
                    "experiment_id": each["id"],
                    "variant": variant,
                    "name": each["name"],
                    "started_at": f"{start} 00:00:00",
                    "ended_at": f"{start + timedelta(days=each['days'])} 00:00:00",
                    "is_control": str(variant == "control").lower(),
                    "planned_share": "0.5",
                    "primary_metric": "purchase_conversion",
                }
            )
    return pa.Table.from_pylist(rows) if rows else None


def expose(seed: int, day: int, people: People, sessions: Array) -> Array:
    """First exposures (dtype EXPOSURE) of the visitors of a day.

    Every human visitor is exposed at the start of the first session while the experiment runs. In
    an experiment with lost exposures a share of the treatment's rows never arrives. The truth
    counts no unit that had refused analytics by then.
    """
    rng = stream(seed, "exposures", day)
    humans = sessions[sessions["bot"] == 0]
    found = [np.zeros(0, EXPOSURE)]
    for bit, runs in enumerate(rates.in_experiment(day)):
        devices = people.devices
        if not runs:
            continue
        first = np.unique(humans["device"], return_index=True)[1]
        fresh = humans[first[(devices["exposed"][humans["device"][first]] >> bit & 1) == 0]]
        devices["exposed"][fresh["device"]] |= 1 << bit
        exposures = np.zeros(len(fresh), EXPOSURE)
        exposures["experiment"] = bit
        exposures["device"] = fresh["device"]
        exposures["person"] = fresh["person"]
        exposures["variant"] = devices["arms"][fresh["device"]] >> bit & 1
        exposures["at"] = fresh["start"]
        is_lost = rng.random(len(fresh)) < rates.EXPERIMENTS[bit]["lost_exposures"]
        exposures = exposures[~(is_lost & (exposures["variant"] == 1))]
        agreed = exposures["device"][devices["consent"][exposures["device"]] > 0]
        devices["recorded"][agreed] |= 1 << bit
        found.append(exposures)
    return np.concatenate(found)


def exposures_table(exposures: Array, seed: int) -> pa.Table:
    """Rows of web.experiment_exposures; the unit is the visitor."""
    names = [each["id"] for each in rates.EXPERIMENTS]
    return pa.table(
        {
            "experiment_id": text.coded(names, exposures["experiment"]),
            "unit_id": visitor_ids(exposures["device"], seed),
            "variant": text.coded(VARIANTS, exposures["variant"]),
            "exposed_at": text.moments(exposures["at"]),
        }
    )
