"""Stock: what is sold, ordered and received, and what comes back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoptrack.demo import text
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.draws import Array, day_date, stream

LOCATIONS = ("central", "returns")
LEAD_TIME_SD = 1.5
COVER_DAYS = 21
SMOOTHING = 0.06
_NO_LIMIT = 10_000
_FIRST_SHARE_OF_ORDERS = 0.09  # units sold per new visitor, to fill the shelves before day 0


class Inventory:
    """Stock per variant at two places: `central` sends, `returns` collects what comes back.

    on hand today = on hand yesterday + received + adjusted − sold (central). What is sold beyond
    the stock of the day was found by a count: it is in `adjusted`, so stock is never negative.
    On Sundays the returned goods move to `central`.
    """

    def __init__(self, seed: int, catalogue: Catalogue, visitors_per_day: float) -> None:
        self._seed = seed
        self._catalogue = catalogue
        rng = stream(seed, "shelves", 0)
        share = catalogue.view_weights(10**6)
        size = len(share)
        self._demand = share / share.sum() * visitors_per_day * _FIRST_SHARE_OF_ORDERS
        self._lead = catalogue.lead_days[catalogue.product]
        self._reorder_factor = rng.uniform(0.7, 1.8, size)
        first = self._demand * COVER_DAYS * rng.uniform(0.6, 1.6, size)
        self.on_hand = np.maximum(np.ceil(first), 3).astype(np.int64)
        self.on_hand[catalogue.is_gift] = _NO_LIMIT
        self._returned = np.zeros(size, dtype=np.int64)
        self._incoming: dict[int, Array] = {}
        self.stock_out_days = 0
        self._wanted = np.zeros(size)

    def is_available(self) -> Array:
        """Whether each variant can be bought at the start of the day."""
        available: Array = self.on_hand > 0
        return available

    def close_day(self, day: int, sold: Array, restocked: Array) -> pa.Table:
        """Book a day's units per variant; returns the rows of shop.inventory_snapshots."""
        rng = stream(self._seed, "inventory", day)
        self._note_wanted(day, int(sold.sum()))
        received = self._incoming.pop(day, np.zeros_like(sold))
        moved = self._returned if day_date(day).weekday() == 6 else np.zeros_like(sold)
        lost = (rng.random(len(sold)) < 0.003) & (self.on_hand > 5)
        before = self.on_hand + received + moved - lost - sold
        found = np.maximum(-before, 0)
        self.on_hand = before + found
        self._returned = self._returned - moved + restocked
        self._demand += SMOOTHING * (sold - self._demand)
        self._reorder(rng, day)
        launched = self._catalogue.launch_day[self._catalogue.product] <= day
        self.stock_out_days += int((launched & (self.on_hand == 0)).sum())
        return self._snapshots(
            day, np.flatnonzero(launched), sold, received + moved, found - lost, moved
        )

    def wanted_on_empty_days(self) -> dict[str, int]:
        """Per variant, what it would have sold on the days that it began without stock: its
        expected share of all units, the other shelves as they were; in thousandths of a unit.
        What is bought because it goes with another product is not in it.
        """
        milliunits = np.round(1000 * self._wanted).astype(np.int64).tolist()
        return dict(zip(self._catalogue.variant_ids, milliunits, strict=True))

    def _note_wanted(self, day: int, units: int) -> None:
        is_empty = ~self.is_available()
        weights = self._catalogue.purchase_weights(day, np.ones_like(is_empty))
        others = weights[~is_empty].sum()
        wanted = np.where(is_empty, units * weights / np.maximum(others + weights, 1e-9), 0.0)
        self._wanted += wanted

    def _reorder(self, rng: np.random.Generator, day: int) -> None:
        waiting = sum(self._incoming.values(), np.zeros_like(self.on_hand))
        point = np.ceil(self._demand * self._lead * self._reorder_factor)
        orders = (self.on_hand + waiting <= point) & ~self._catalogue.is_gift
        quantity = np.maximum(np.ceil(self._demand * COVER_DAYS), 5).astype(np.int64)
        noise = rng.normal(0, LEAD_TIME_SD, len(orders))
        arrival = day + np.maximum(np.round(self._lead + noise), 1).astype(np.int64)
        for when in np.unique(arrival[orders]):
            coming = np.where(orders & (arrival == when), quantity, 0)
            self._incoming[int(when)] = self._incoming.get(int(when), 0) + coming

    def _snapshots(  # noqa: PLR0913, PLR0917
        self, day: int, variants: Array, sold: Array, received: Array, adjusted: Array, moved: Array
    ) -> pa.Table:
        waiting = sum(self._incoming.values(), np.zeros_like(self.on_hand))
        none = np.zeros_like(self.on_hand)

        def both(central: Array, returns: Array) -> pa.Array:
            return text.numbered("", np.concatenate([central[variants], returns[variants]]))

        names = self._catalogue.variant_ids
        return pa.table(
            {
                "variant_id": text.coded(names, np.tile(variants, 2)),
                "location_id": text.coded(LOCATIONS, np.repeat([0, 1], len(variants))),
                "snapshot_date": text.coded(
                    [day_date(day).isoformat()], np.zeros(2 * len(variants), dtype=np.int64)
                ),
                "on_hand": both(self.on_hand, self._returned),
                "committed": both(sold, none),
                "incoming": both(waiting, none),
                "received": both(received, none),
                "adjusted": both(adjusted, -moved),
            }
        )
