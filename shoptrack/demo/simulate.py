"""Simulates a shop day by day and lands its raw data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from shoptrack.demo import experiments, fates, marketing, orders, rates, text, truth
from shoptrack.demo.behaviour import PURCHASE, Carts, can_buy, decide
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.currencies import ExchangeRates
from shoptrack.demo.dialects import CONTRACT, Dialects
from shoptrack.demo.dirt import Loads
from shoptrack.demo.draws import Array, stream
from shoptrack.demo.events import Day, events_table
from shoptrack.demo.identities import Identities
from shoptrack.demo.inventory import Inventory
from shoptrack.demo.messages import Reminders, messages_table
from shoptrack.demo.people import NEW, RETURN, People, customers_table, visitor_ids
from shoptrack.demo.timeline import CODE, Timeline, timeline
from shoptrack.demo.visits import bot_sessions, sessions_of_day
from shoptrack.landing import ensure_zone

DEFAULT_DAYS = 90
DEFAULT_VISITORS = 15_000
DEFAULT_SEED = 7
DELETION_SHARE = 0.2

Tables = dict[str, pa.Table | None]


class DemoZoneError(ValueError):
    """The landing zone holds another demo shop; the message says what to do."""


def simulate(  # noqa: PLR0913
    zone: Path,
    *,
    days: int = DEFAULT_DAYS,
    visitors: int = DEFAULT_VISITORS,
    seed: int = DEFAULT_SEED,
    dialects: Sequence[str] = (CONTRACT,),
    on_day: Callable[[int, int], None] | None = None,
) -> None:
    """Simulate a shop from 2025-01-01 on and land its raw data in `zone`, one load a day.

    `visitors` is how many people come for the first time in all the days together; each makes about
    18 events (bots included). The same arguments give the same bytes; a run over fewer days with
    the same `visitors / days` and seed gives the same first loads. `on_day(done, days)` is called
    after each day. At the end `truth.json` in the zone says what was drawn from and what was drawn,
    and `truth_identities.parquet` who is truly behind each identifier.
    `dialects` names the systems whose exports are written; what a system carries is then not landed
    in the contract's shape, unless "contract" is among them.
    Memory holds one day's events, the rows that are late, and about 100 bytes per person.

    Raises ValueError for arguments below 1, UnknownDialectError, and DemoZoneError when the zone
    holds another demo shop.
    """
    if min(days, visitors) < 1 or seed < 0:
        raise ValueError("days and visitors must be at least 1, and seed at least 0")
    parameters = truth.run_parameters(days, visitors, seed, dialects)
    written = Dialects(dialects)
    ensure_zone(zone)
    shop = Shop(seed, days, visitors / days)
    _claim(zone, parameters, shop.truth)
    loads = Loads(zone, seed, days, shop.truth, written)
    for day in range(days):
        shop.run(day, loads)
        loads.land(day)
        if on_day:
            on_day(day + 1, days)
    loads.finish()
    shop.count_at_the_end()
    shop.identities.write(zone, shop.people, seed)
    shop.truth.write(zone, parameters)


def _claim(zone: Path, parameters: dict[str, Any], still_empty: truth.Truth) -> None:
    """Mark the zone as this shop's, so that no other is mixed in, even when this run is killed."""
    file = zone / truth.FILE_NAME
    if not file.exists():
        still_empty.write(zone, parameters)
    elif json.loads(file.read_text(encoding="utf-8"))["parameters"] != parameters:
        raise DemoZoneError(
            f"{zone} holds another demo shop (see {file}); give its days, visitors and seed to go "
            "on with it, remove that folder, or set SHOPTRACK_LANDING to an empty one"
        )


class Shop:
    """The state of the shop between days."""

    def __init__(self, seed: int, days: int, visitors_per_day: float) -> None:
        self._seed = seed
        self._days = days
        self._people = People(seed, days, visitors_per_day)
        self._catalogue = Catalogue(seed)
        self._inventory = Inventory(seed, self._catalogue, visitors_per_day)
        self._carts = Carts(seed)
        self._orders = orders.Orders(seed)
        self._fates = fates.Fates(seed, days)
        self._reminders = Reminders(seed, days)
        self._exchange = ExchangeRates(seed)
        self._session_count = 0
        self._event_count = 0
        self.truth = truth.Truth()
        self.identities = Identities()

    @property
    def people(self) -> People:
        """All persons and devices so far."""
        return self._people

    def run(self, day: int, loads: Loads) -> None:
        """Simulate one day and send its rows."""
        tables: Tables = {"shop.fx_rates": self._exchange.move(day)}
        tables |= self._stock_shelves(day)
        messages, reminded = self._reminders.send(day, self._people)
        tables["shop.messages"] = messages_table(messages, self._people, self._seed)
        sessions, carts = self._visit(day, reminded)
        events = timeline(self._seed, day, sessions, carts, self._catalogue.view_weights(day))
        tables |= self._expose(day, sessions)
        placed = self._orders.place(day, self._people, self._catalogue, sessions, carts)
        self._orders.set_rates(day, placed.orders, self._exchange.of_orders())
        tracked = events.only(_is_tracked(sessions, events))
        loads.receive_events(
            day, self._events(day, sessions, carts, placed, tracked), tracked.at, tracked.session
        )
        self.identities.note(self._people, sessions, placed.orders)
        tables |= self._sell(day, sessions, placed)
        tables["shop.customers"] = self._remember(day, sessions, carts)
        tables["shop.ad_spend"] = self._spend(day, sessions, placed)
        self._count(day, sessions, carts, placed, tracked, messages)
        for table, rows in tables.items():
            loads.receive(day, table, rows)

    def _stock_shelves(self, day: int) -> Tables:
        catalogue = self._catalogue
        changed = catalogue.change_prices(day)
        launched = np.flatnonzero(catalogue.launch_day[catalogue.product] == day)
        return {
            "shop.products": catalogue.products_table(launched),
            "shop.product_prices": catalogue.prices_table(day, changed),
        }

    def _visit(self, day: int, reminded: Array) -> tuple[Array, Array]:
        """The day's sessions, those of bots last, and their carts."""
        people = self._people
        humans = sessions_of_day(self._seed, day, people, reminded)
        decide(self._seed, day, people, humans)
        available = self._inventory.is_available()
        carts = self._carts.fill(day, people, self._catalogue, available, humans)
        bots = bot_sessions(self._seed, day, people, len(humans))
        sessions = np.concatenate([humans, bots])
        sessions["number"] = self._session_count + np.arange(len(sessions))
        self._session_count += len(sessions)
        return sessions, carts

    def _expose(self, day: int, sessions: Array) -> Tables:
        consents = self._consents(day, sessions)  # first: the truth counts who agreed by then
        exposures = experiments.expose(self._seed, day, self._people, sessions)
        return {
            "web.experiments": experiments.experiments_table(day),
            "web.experiment_exposures": experiments.exposures_table(exposures, self._seed),
            "web.consents": consents,
        }

    def _consents(self, day: int, sessions: Array) -> pa.Table:
        """Decisions of visitors who come for the first time, and of a few who change their mind."""
        rng = stream(self._seed, "consents", day)
        devices = self._people.devices
        humans = sessions[sessions["bot"] == 0]
        humans = humans[np.unique(humans["device"], return_index=True)[1]]
        is_new = ~devices["is_seen"][humans["device"]]
        changes = ~is_new & (rng.random(len(humans)) < rates.CONSENT_CHANGE)
        consent = devices["consent"]
        changed = humans["device"][changes]
        consent[changed] = np.where(consent[changed] == 2, 1, 2)
        devices["is_seen"][humans["device"]] = True
        decided = humans[is_new | changes]
        given = consent[decided["device"]]
        return pa.table(
            {
                "subject_id": visitor_ids(decided["device"], self._seed),
                "recorded_at": text.moments(decided["start"]),
                "consent_analytics": pa.array(given > 0),
                "consent_ads": pa.array(given > 1),
            }
        )

    def _events(
        self, day: int, sessions: Array, carts: Array, placed: orders.Placed, tracked: Timeline
    ) -> pa.Table:
        first = self._event_count
        self._event_count += len(tracked.at)
        people, catalogue = self._people, self._catalogue
        return events_table(
            Day(self._seed, day, people, catalogue, sessions, carts, placed.orders, tracked, first)
        )

    def _sell(self, day: int, sessions: Array, placed: orders.Placed) -> Tables:
        """Book the day's orders, what became of older ones, and the stock that moves."""
        catalogue = self._catalogue
        void_day = self._fates.plan(day, placed, catalogue)
        is_voided = void_day < self._days
        bought = placed.orders[~placed.orders["is_test"] & ~is_voided]
        self._people.rows["order_count"][bought["person"]] += 1
        versions = self._fates.versions_due(day)
        refunds = self._fates.refunds_due(day)
        reviews = self._fates.reviews_due(day)
        truth.count_orders(self.truth, placed, is_voided)
        truth.count_versions(self.truth, versions)
        truth.count_refunds(self.truth, refunds)
        real = placed.lines[~placed.orders["is_test"][placed.lines["order"]]]
        size = len(catalogue.product)
        sold = _units(real, size)
        restocked = _units(refunds[refunds["is_restocked"]], size)
        rows = np.concatenate([placed.orders, versions])
        return {
            "shop.orders": orders.orders_table(rows, self._seed),
            "shop.order_lines": orders.lines_table(placed, catalogue),
            "shop.refunds": fates.refunds_table(refunds),
            "shop.reviews": fates.reviews_table(self._seed, day, reviews, catalogue),
            "shop.inventory_snapshots": self._inventory.close_day(day, sold, restocked),
        }

    def _spend(self, day: int, sessions: Array, placed: orders.Placed) -> pa.Table:
        value = np.append(placed.orders["subtotal"], 0)[sessions["order"]]
        results = marketing.ad_results(sessions["entry"], sessions["country"], value)
        return marketing.spend_table(self._seed, day, results)

    def _remember(self, day: int, sessions: Array, carts: Array) -> pa.Table:
        """Carry the day over into the people's state; returns the rows of shop.customers."""
        people = self._people
        truth.count_prospects(self.truth, people, sessions, can_buy(people, sessions))
        rows, devices = people.rows, people.devices
        humans = sessions[sessions["bot"] == 0]
        np.maximum.at(devices["last_end"], humans["device"], humans["end"])
        self._note_users(humans)
        self._carts.keep(people, humans, carts)
        self._reminders.note(day, people, humans, carts)
        buyers = humans[humans["depth"] == PURCHASE]
        opens = humans["signs_up"] | (humans["depth"] == PURCHASE)
        person = humans["person"]
        opens &= ~rows["has_account"][person] & ~rows["is_guest"][person]
        opened = humans[opens]
        rows["has_account"][opened["person"]] = True
        rows["created_at"][opened["person"]] = opened["end"]
        people.plan_return(day, person[np.isin(humans["kind"], (NEW, RETURN))])
        gone = people.plan_purchase(day, buyers["person"])
        return self._customers(day, opened, humans, gone)

    def _customers(self, day: int, opened: Array, humans: Array, gone: Array) -> pa.Table:
        """New accounts, and the deleted ones of some who will never buy again."""
        rng = stream(self._seed, "deletions", day)
        rows = self._people.rows
        deletes = rows["has_account"][gone] & (rng.random(len(gone)) < DELETION_SHARE)
        deleted = gone[deletes]
        rows["has_account"][deleted] = False
        end = dict(zip(humans["person"].tolist(), humans["end"].tolist(), strict=True))
        deleted_at = np.array([end[each] + 600_000 for each in deleted.tolist()], dtype=np.int64)
        persons = np.concatenate([opened["person"], deleted])
        moments = np.concatenate([np.zeros(len(opened), dtype=np.int64), deleted_at])
        self.truth.add(len(deleted), "people", "deleted_accounts")
        return customers_table(rows, persons, moments)

    def _note_users(self, humans: Array) -> None:
        """Mark the devices on which a second account is seen to log in: not without consent."""
        devices, seed_user = self._people.devices, self._people.devices["first_user"]
        agreed = devices["consent"][humans["device"]] > 0
        users = humans[humans["is_known_at_checkout"] & agreed]
        fresh = seed_user[users["device"]] < 0
        seed_user[users["device"][fresh]] = users["person"][fresh]
        other = seed_user[users["device"]] != users["person"]
        devices["is_shared"][users["device"][other]] = True

    def _count(  # noqa: PLR0913, PLR0917
        self,
        day: int,
        sessions: Array,
        carts: Array,
        placed: orders.Placed,
        tracked: Timeline,
        messages: Array,
    ) -> None:
        truth.count_sessions(self.truth, sessions, tracked)
        devices = self._people.devices
        truth.count_carts(self.truth, sessions, carts, devices)
        truth.count_messages(self.truth, messages)
        bought = sessions[(sessions["depth"] == PURCHASE) & sessions["is_tracked"]]
        bought = bought[devices["consent"][bought["device"]] > 0]
        devices["converted"][bought["device"]] |= devices["recorded"][bought["device"]]
        truth.note_conversions_in_time(devices, sessions, tracked)

    def count_at_the_end(self) -> None:
        """Count what is known only when all days are over."""
        truth.count_people(self.truth, self._people)
        truth.count_experiments(self.truth, self._people)
        self.truth.add(self._inventory.stock_out_days, "inventory", "stock_out_days_central")
        for variant, wanted in self._inventory.wanted_on_empty_days().items():
            self.truth.add(wanted, "inventory", "wanted_on_empty_days", variant)


def _is_tracked(sessions: Array, events: Timeline) -> Array:
    """Whether each event reached the tracker: a few purchases do not."""
    is_hidden = ~sessions["is_tracked"] & (sessions["bot"] == 0)
    tracked: Array = ~(is_hidden[events.session] & (events.code == CODE["purchase"]))
    return tracked


def _units(rows: Array, size: int) -> Array:
    return np.bincount(rows["variant"], rows["quantity"], minlength=size).astype(np.int64)
