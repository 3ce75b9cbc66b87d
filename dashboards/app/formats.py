"""How figures are written: 1,234; 12.3 %; € 1,234.56. What is unknown is a dash, never 0."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from dashboards.app.filters import spoken

UNKNOWN = "–"
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$"}
_WITHOUT_CENTS = {"JPY", "KRW", "CLP", "VND", "ISK", "HUF"}
_CENTS_BELOW = 1_000_000
# What a spreadsheet takes for a formula when a text begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Format = Callable[[Any], str]


def is_unknown(value: Any) -> bool:
    """Whether a figure is missing: None, NaN or NaT."""
    return value is None or bool(value != value)  # noqa: PLR0124 (only what is not a number differs)


def count(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else f"{value:,.0f}".replace("-", "−")


def decimal(places: int) -> Format:
    """Return a format with so many places: 1,234.5."""

    def write(value: Any) -> str:
        return UNKNOWN if is_unknown(value) else f"{value:,.{places}f}".replace("-", "−")

    return write


def share(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else f"{100 * value:,.1f} %".replace("-", "−")


def fine_share(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else f"{100 * value:,.2f} %".replace("-", "−")


def change(value: Any) -> str:
    """Write a relative change with its sign: +12.3 %."""
    if is_unknown(value):
        return UNKNOWN
    return f"{100 * value:+,.1f} %".replace("-", "−")


def p_value(value: Any) -> str:
    if is_unknown(value):
        return UNKNOWN
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def money(currency: str) -> Format:
    """Return the format of a currency, by its ISO 4217 code; a million and more without cents."""
    sign = _SIGNS.get(currency, currency)

    def write(value: Any) -> str:
        if is_unknown(value):
            return UNKNOWN
        has_cents = currency not in _WITHOUT_CENTS and abs(value) < _CENTS_BELOW
        amount = f"{abs(value):,.{2 if has_cents else 0}f}"
        is_negative = value < 0 and any(digit in amount for digit in "123456789")
        return f"{'−' if is_negative else ''}{sign} {amount}".strip()

    return write


def day(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else spoken(value)


def month(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else f"{value:%b %Y}"


def moment(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else f"{value:%Y-%m-%d %H:%M}"


def text(value: Any) -> str:
    return UNKNOWN if is_unknown(value) else str(value)


def words(value: Any) -> str:
    """Write a name of the data's as words: out_of_stock is out of stock."""
    return UNKNOWN if is_unknown(value) else str(value).replace("_", " ")


def escaped(value: Any) -> str:
    """Return a text of the data's so that Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]<>()#+-.!|$~:^&" else c for c in str(value))


def csv_bytes(labels: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a table as CSV in UTF-8, figures unrounded, what is unknown empty.

    A text that a spreadsheet would run as a formula gets a quote before it: names of campaigns come
    from links that anybody can make.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(labels)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return lines.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if is_unknown(value):
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    if isinstance(value, date):
        return str(value).removesuffix(" 00:00:00")
    return value
