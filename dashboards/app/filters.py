"""What a user chose to look at: dates, channels, devices, countries; and how an address says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

DEFAULT_PRESET = "last_28"
CUSTOM = "custom"
PRESETS = {
    "last_7": "Last 7 days",
    "last_28": "Last 28 days",
    "last_90": "Last 90 days",
    "this_month": "This month",
    "previous_month": "Previous month",
    "all": "All dates",
    CUSTOM: "Choose dates",
}
_LAST_DAYS = {"last_7": 7, "last_28": 28, "last_90": 90}
# The name in an address, and the one in queries.
DIMENSIONS = {"channel": "channels", "device": "devices", "country": "countries"}


@dataclass(frozen=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period of equal length that ends on the day before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    def __str__(self) -> str:
        is_same_year = self.first.year == self.last.year
        first = spoken(self.first).rsplit(" ", 1)[0] if is_same_year else spoken(self.first)
        return f"{first} – {spoken(self.last)}"


def spoken(day: date) -> str:
    """Return a day as people write it: 3 Feb 2025."""
    return f"{day.day} {day:%b %Y}"


@dataclass(frozen=True)
class Filters:
    """The view that a user asked for; an empty choice means everything."""

    preset: str
    period: Period
    channels: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    is_compared: bool = True

    @property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Choice per dimension, by its name in queries; dimensions without one left out."""
        choices = {name: getattr(self, name) for name in DIMENSIONS.values()}
        return {name: choice for name, choice in choices.items() if choice}


@dataclass(frozen=True)
class Offer:
    """What can be chosen: the days that hold data, and the values per dimension in queries."""

    days: Period
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


def period_of(preset: str, days: Period, custom: Period | None = None) -> Period:
    """Return the days of a preset, counted back from the newest day with data, never from today."""
    last = days.last
    if preset == CUSTOM and custom:
        return custom
    if preset in _LAST_DAYS:
        return Period(last - timedelta(days=_LAST_DAYS[preset] - 1), last)
    if preset == "this_month":
        return Period(last.replace(day=1), last)
    if preset == "previous_month":
        end = last.replace(day=1) - timedelta(days=1)
        return Period(end.replace(day=1), end)
    return days


def to_address(filters: Filters) -> dict[str, list[str]]:
    """Return the parameters of an address that shows this view; what is the default is left out."""
    address: dict[str, list[str]] = {}
    if filters.preset == CUSTOM:
        period = filters.period
        address["dates"] = [f"{period.first.isoformat()}..{period.last.isoformat()}"]
    elif filters.preset != DEFAULT_PRESET:
        address["dates"] = [filters.preset]
    for name, dimension in DIMENSIONS.items():
        if dimension in filters.chosen:
            address[name] = list(filters.chosen[dimension])
    if not filters.is_compared:
        address["compare"] = ["off"]
    return address


def from_address(
    address: Mapping[str, Sequence[str]], offer: Offer
) -> tuple[Filters, tuple[str, ...]]:
    """Return the view that an address asks for, and what of it could not be understood."""
    complaints: list[str] = []
    asked = [*address.get("dates", ()), DEFAULT_PRESET][0]
    preset, custom = _dates(asked)
    if preset is None:
        complaints.append(
            f"dates={asked} is not known: give one of {', '.join(list(PRESETS)[:-1])},"
            " or 2025-01-31..2025-02-28"
        )
        preset = DEFAULT_PRESET
    chosen = {}
    for name, dimension in DIMENSIONS.items():
        known = offer.choices.get(dimension, ())
        wanted = tuple(dict.fromkeys(address.get(name, ())))
        chosen[dimension] = tuple(value for value in wanted if value in known)
        complaints += [f"{name}={v} is not in the data" for v in wanted if v not in known]
    is_compared = "off" not in address.get("compare", ())
    period = within(period_of(preset, offer.days, custom), offer.days)
    if period is None:
        complaints.append(f"dates={asked} holds no data: it is of {offer.days}")
        preset, period = DEFAULT_PRESET, period_of(DEFAULT_PRESET, offer.days)
    return Filters(preset, period, is_compared=is_compared, **chosen), tuple(complaints)


def within(period: Period, days: Period) -> Period | None:
    """Return the part of chosen days that the data may hold; a preset may begin before it."""
    if period.last < days.first or period.first > days.last:
        return None
    return Period(max(period.first, days.first), min(period.last, days.last))


def _dates(asked: str) -> tuple[str | None, Period | None]:
    if asked in PRESETS and asked != CUSTOM:
        return asked, None
    first, _, last = asked.partition("..")
    try:
        period = Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        return None, None
    return (CUSTOM, period) if period.first <= period.last else (None, None)
