"""The people who come, the devices they use, and how often they come back and buy again."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.demo import rates
from shoptrack.demo.devices import DEVICE, KIND_OF_PLATFORM, PLATFORM_SHARES
from shoptrack.demo.draws import Agenda, Array, Growing, day_date, pick, pick_by_row, stream
from shoptrack.demo.text import blank, coded, hex_ids, moments, numbered

CART_LINES = 4
NEW, RETURN, REPEAT, REMINDER, AGAIN = range(5)

PERSON = np.dtype(
    [
        ("device", "i4"),
        ("second_device", "i4"),
        ("country", "i1"),
        ("city", "i1"),
        ("age", "i1"),
        ("gender", "i1"),
        ("acquisition", "i1"),
        ("return_chance", "f4"),
        ("is_guest", "?"),
        ("accepts_marketing", "?"),
        ("has_account", "?"),
        ("created_at", "i8"),
        ("has_bought", "?"),
        ("order_count", "i2"),
        ("rate", "f4"),
        ("dropout", "f4"),
        ("cart", "i8"),
        ("cart_at", "i8"),
        ("cart_size", "i1"),
        ("cart_reminder", "i1"),
        ("cart_variant", "i2", (CART_LINES,)),
        ("cart_quantity", "i1", (CART_LINES,)),
    ]
)
VISIT = np.dtype([("person", "i4"), ("kind", "i1"), ("at", "i8")])
PLACES = (
    (("Berlin", "Berlin"), ("Bavaria", "Munich")),
    (("Vienna", "Vienna"), ("Styria", "Graz")),
    (("Ile-de-France", "Paris"), ("Auvergne-Rhone-Alpes", "Lyon")),
    (("North Holland", "Amsterdam"), ("Utrecht", "Utrecht")),
    (("England", "London"), ("Scotland", "Edinburgh")),
    (("Zurich", "Zurich"), ("Bern", "Bern")),
    (("Lombardy", "Milan"), ("Lazio", "Rome")),
    (("Madrid", "Madrid"), ("Catalonia", "Barcelona")),
    (("New York", "New York"), ("California", "Los Angeles")),
)
REGIONS = tuple(region for places in PLACES for region, _ in places)
CITIES = tuple(city for places in PLACES for _, city in places)
LANGUAGES = ("de-DE", "de-AT", "fr-FR", "nl-NL", "en-GB", "de-CH", "it-IT", "es-ES", "en-US")


def season(seed: int, day: int) -> float:
    """Factor of a day on the number of new visitors; 1 on average."""
    noise = stream(seed, "season", day).normal(0.0, rates.DAY_NOISE)
    year = 1.0 + rates.YEAR_AMPLITUDE * np.cos(2 * np.pi * (day - 330) / 365.25)
    weekday = rates.WEEKDAY_FACTORS[day_date(day).weekday()]
    return float(weekday * year * np.exp(noise))


class People:
    """All persons and devices so far, in compact arrays, and the visits that they have ahead."""

    def __init__(self, seed: int, days: int, visitors_per_day: float) -> None:
        self._seed = seed
        self._per_day = visitors_per_day
        self._people = Growing(PERSON)
        self._devices = Growing(DEVICE)
        self._buyers = Growing(np.dtype("i4"))
        self.agenda = Agenda(days)

    @property
    def rows(self) -> Array:
        """Persons (dtype PERSON), by index."""
        return self._people.rows

    @property
    def devices(self) -> Array:
        """Devices (dtype DEVICE), by index."""
        return self._devices.rows

    def arrive(self, day: int) -> Array:
        """Add the people who come for the first time on a day; returns their visits."""
        rng = stream(self._seed, "arrivals", day)
        count = int(rng.poisson(self._per_day * season(self._seed, day)))
        indices = self._people.add(count)
        rows = self.rows[indices]
        rows["country"] = pick(rng, rates.COUNTRY_SHARES, count)
        rows["city"] = rng.integers(0, 2, count)
        is_known = rng.random(count) < rates.DEMOGRAPHICS_KNOWN
        rows["age"] = np.where(is_known, pick(rng, rates.AGE_SHARES, count), -1)
        rows["gender"] = np.where(is_known, rng.integers(0, 2, count), -1)
        rows["acquisition"] = pick(rng, rates.FIRST_VISIT_SHARES, count)
        rows["return_chance"] = rng.beta(rates.RETURN_ALPHA, rates.RETURN_BETA, count)
        rows["is_guest"] = rng.random(count) < rates.GUEST_SHARE
        rows["accepts_marketing"] = rng.random(count) < rates.MARKETING_SHARE
        rows["device"], rows["second_device"] = self._give_devices(rng, count)
        self.rows[indices] = rows
        return visits(indices, NEW)

    def _give_devices(self, rng: np.random.Generator, count: int) -> tuple[Array, Array]:
        main = self.add_devices(rng, pick(rng, rates.DEVICE_SHARES, count))
        shares = rng.random(count) < rates.SHARED_DEVICE_SHARE
        owners = self._buyers.rows
        if len(owners):
            owner = owners[rng.integers(0, len(owners), count)]
            main = np.where(shares, self.rows["device"][owner], main)
        has_second = rng.random(count) < rates.SECOND_DEVICE_SHARE
        second = np.full(count, -1)
        kinds = 1 - KIND_OF_PLATFORM[self.devices["platform"][main[has_second]]]
        second[has_second] = self.add_devices(rng, np.maximum(kinds, 0))
        arms = self.devices["arms"]
        arms[second[has_second]] = arms[main[has_second]]
        return main, second

    def add_devices(self, rng: np.random.Generator, kinds: Array) -> Array:
        """Add one device per kind (0 desktop, 1 mobile, 2 tablet) and return the indices."""
        indices = self._devices.add(len(kinds))
        rows = self.devices
        rows["platform"][indices] = pick_by_row(rng, PLATFORM_SHARES, kinds)
        rows["consent"][indices] = pick(rng, rates.CONSENT_SHARES, len(kinds))
        rows["arms"][indices] = rng.integers(0, 2 ** len(rates.EXPERIMENTS), len(kinds))
        rows["first_user"][indices] = -1
        return indices

    def plan_return(self, day: int, persons: Array) -> None:
        """Draw for each person who just visited whether and when they come back to browse."""
        rng = stream(self._seed, "returns", day)
        comes = rng.random(len(persons)) < self.rows["return_chance"][persons]
        is_long = rng.random(len(persons)) < rates.RETURN_LONG_SHARE
        mean = np.where(is_long, rates.RETURN_GAP_DAYS[1], rates.RETURN_GAP_DAYS[0])
        gap = np.minimum(rng.geometric(1.0 / mean), rates.RETURN_MAX_DAYS)
        self.agenda.put(day + gap[comes], visits(persons[comes], RETURN))

    def plan_purchase(self, day: int, persons: Array) -> Array:
        """Draw the next purchase of each person who just bought, by BG/NBD.

        At the first purchase a person draws a rate λ ~ Gamma(r, α) per day and a drop-out chance
        p ~ Beta(a, b). After each repeat purchase the person drops out with chance p. Returns those
        who dropped out.
        """
        rng = stream(self._seed, "repeat", day)
        rows = self.rows
        is_first = ~rows["has_bought"][persons]
        first = persons[is_first]
        rate = rng.gamma(rates.REPEAT_R, 1.0 / rates.REPEAT_ALPHA, len(first))
        rows["rate"][first] = np.maximum(rate, 1e-9)
        rows["dropout"][first] = rng.beta(rates.DROPOUT_A, rates.DROPOUT_B, len(first))
        rows["has_bought"][first] = True
        buyers = self._buyers.add(len(first))
        self._buyers.rows[buyers] = first
        stays = is_first | (rng.random(len(persons)) >= rows["dropout"][persons])
        staying = persons[stays]
        wait = rng.exponential(1.0 / rows["rate"][staying].astype(np.float64))
        moment = day + rng.random(len(staying)) + np.minimum(wait, 1e6)
        due = np.maximum(np.floor(moment).astype(np.int64), day + 1)
        self.agenda.put(due, visits(staying, REPEAT))
        return persons[~stays]


def visits(persons: Array, kind: int) -> Array:
    """Visits (dtype VISIT) of one kind, at no fixed time."""
    planned = np.zeros(len(persons), VISIT)
    planned["person"] = persons
    planned["kind"] = kind
    return planned


def customer_ids(persons: Array) -> pa.Array:
    """Ids of the customers' accounts; null for a negative number."""
    return blank(numbered("1", np.maximum(persons, 0), 7), persons < 0)


def visitor_ids(devices: Array, seed: int) -> pa.Array:
    """Anonymous client ids of devices; null for a negative number."""
    return blank(hex_ids(np.maximum(devices, 0), seed * 7 + 1), devices < 0)


def emails(persons: Array) -> pa.Array:
    """E-mail addresses, one per person."""
    number = numbered("", np.maximum(persons, 0), 7)
    return pc.binary_join_element_wise("customer", number, pa.scalar("@mail.example"), "")


def phones(persons: Array) -> pa.Array:
    """Phone numbers, one per person."""
    return numbered("+4930", persons, 8)


def customers_table(people: Array, persons: Array, deleted_at: Array) -> pa.Table:
    """Rows of shop.customers for the accounts of some persons; `deleted_at` is 0 for the living."""
    rows = people[persons]
    region = rows["country"].astype(np.int64) * 2 + rows["city"]
    year = 2025 - 20 - 10 * rows["age"].astype(np.int64) - persons % 10
    return pa.table(
        {
            "customer_id": customer_ids(persons),
            "created_at": moments(rows["created_at"]),
            "email": emails(persons),
            "phone": phones(persons),
            "country": coded(rates.COUNTRIES, rows["country"]),
            "region": coded(REGIONS, region),
            "birth_year": blank(numbered("", year), rows["age"] < 0),
            "gender": coded(rates.GENDERS, rows["gender"]),
            "accepts_marketing": pa.array(rows["accepts_marketing"]),
            "deleted_at": moments(deleted_at),
        }
    )
