"""What each raw table loses when a person is erased: rows, or what says whose they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from shoptrack.contract import Table, sources_file, tables
from shoptrack.erasure.other_systems import NAMINGS, without_person
from shoptrack.erasure.other_systems import identifiers as named
from shoptrack.landing.zone import META_COLUMNS

ERASED = "(erased)"
ANYBODY = ("customer", "email", "phone", "visitor")
# Rows that are about nothing but the person: (column, kinds of identifier in it).
_DROPPED: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = {
    "web.events": (
        ("visitor_id", ("visitor",)),
        ("user_id", ("customer",)),
        ("transaction_id", ("order",)),
        ("cart_id", ("cart",)),
        ("email", ("email",)),
        ("phone", ("phone",)),
    ),
    "web.experiment_exposures": (("unit_id", ANYBODY),),
    "web.consents": (("subject_id", ANYBODY),),
    "shop.customers": (("customer_id", ("customer",)),),
    "shop.messages": (("person_key", ANYBODY), ("cart_id", ("cart",))),
}
# Rows that count without the person: how they are found, and what they lose besides all columns
# that the contract does not know.
_BLANKED: Mapping[str, tuple[Sequence[tuple[str, Sequence[str]]], Sequence[str]]] = {
    "shop.orders": (
        (
            ("order_id", ("order",)),
            ("customer_id", ("customer",)),
            ("email", ("email",)),
            ("visitor_id", ("visitor",)),
            ("cart_id", ("cart",)),
        ),
        ("customer_id", "email", "visitor_id", "cart_id"),
    ),
    "shop.order_lines": ((("order_id", ("order",)),), ()),
    "shop.refunds": ((("order_id", ("order",)),), ("reason",)),
    "shop.reviews": ((("order_id", ("order",)), ("customer_id", ("customer",))), ("customer_id",)),
    "shop.erasure_requests": ((("subject_id", ANYBODY),), ("subject_id",)),
}

_OF_ONE_PERSON = re.compile(
    r"(^|_)(e?mail|phone|name|first|last|address|billing|shipping|customer|user|ip|browser|note|zip"
    r"|postal|city|latitude|longitude|birth|gender|agent)(_|$)|address|phone|email",
    re.IGNORECASE,
)
_LONG_ENOUGH = 8  # characters: any column of a system that nobody described may hold a short number


class Known(Protocol):
    """Who is erased, however that is known."""

    def holds(self, kind: str, column: pa.ChunkedArray) -> pa.BooleanArray:
        """Whether each value is an identifier of this kind; false for nulls."""

    def scrubbed(self, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
        """The column with the identifiers in its texts replaced, where they can be told."""


@dataclass(frozen=True)
class Cleaned:
    """Rows without the person; how many are gone, and how many stay without him."""

    rows: pa.Table
    dropped: int
    blanked: int

    @property
    def is_changed(self) -> bool:
        """Whether the person was in the rows."""
        return bool(self.dropped or self.blanked)


def clean(table: Table, rows: pa.Table, known: Known) -> Cleaned:
    """Take a person out of rows of a raw table; the other rows stay as they are, in their order."""
    if table.qualified_name not in tables():
        is_known = table.qualified_name in NAMINGS
        clean_rows = _clean_others if is_known else _clean_unknown
        return clean_rows(table, rows, known)
    gone = _any(rows, _DROPPED.get(table.qualified_name, ()), known)
    kept = rows.filter(pc.invert(gone))
    dropped = rows.num_rows - kept.num_rows
    found, lost = _BLANKED.get(table.qualified_name, ((), ()))
    mine = _any(kept, found, known)
    unknown = set(kept.column_names) - set(table.column_names) - set(META_COLUMNS)
    text = ERASED if table.name == "erasure_requests" else None
    blanked = _blank(kept, mine, {*lost, *unknown}, text) if found else kept
    return _compared(kept, _scrub(blanked, known), dropped)


def _clean_others(table: Table, rows: pa.Table, known: Known) -> Cleaned:
    """Rows of another system lose the person as the rows of the contract do that they are like."""
    name = table.qualified_name
    gone = mine = pa.array([False] * rows.num_rows, pa.bool_())
    for like, identifiers in named(name, rows):
        gone = pc.or_(gone, _any(identifiers, _DROPPED.get(like, ()), known))
        mine = pc.or_(mine, _any(identifiers, _BLANKED.get(like, ((), ()))[0], known))
    stays = pc.invert(gone)
    kept, mine = rows.filter(stays), mine.filter(stays)
    after = without_person(name, kept, mine) if pc.any(mine).as_py() else kept
    return _compared(kept, _scrub(after, known), rows.num_rows - kept.num_rows)


def _clean_unknown(table: Table, rows: pa.Table, known: Known) -> Cleaned:
    """Rows of a system of the shop's own: what names the person goes, or what looks personal."""
    mine = pa.array([False] * rows.num_rows, pa.bool_())
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        if _is_text(name, column):
            long = pc.if_else(pc.greater_equal(pc.utf8_length(column), _LONG_ENOUGH), column, None)
            for kind in (*ANYBODY, "cart"):
                mine = pc.or_(mine, known.holds(kind, long))
    if _gives_events(table):
        kept = rows.filter(pc.invert(mine))
        return _compared(kept, _scrub(kept, known), rows.num_rows - kept.num_rows)
    lost = {name for name in rows.column_names if _OF_ONE_PERSON.search(name)} - set(table.key)
    return _compared(rows, _scrub(_blank(rows, mine, lost, None), known), 0)


def _gives_events(table: Table) -> bool:
    import yaml  # noqa: PLC0415  (only tables of the shop's own ask)

    file = sources_file(table.source)
    described = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"] if file.exists() else []
    return any(
        entry["name"] == table.name and entry["config"]["meta"].get("gives") == "events"
        for source in described
        for entry in source["tables"]
    )


def _scrub(rows: pa.Table, known: Known) -> pa.Table:
    """Replace identifiers in free texts, such as an e-mail in the address of a page."""
    columns = [
        known.scrubbed(name, column) if _is_text(name, column) else column
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    ]
    return pa.table(columns, schema=rows.schema)


def _compared(before: pa.Table, after: pa.Table, dropped: int) -> Cleaned:
    """What became of the rows that stay: only those that changed count."""
    touched = pa.array([False] * before.num_rows, pa.bool_())
    for old, new in zip(before.columns, after.columns, strict=True):
        if old is not new:
            touched = pc.or_(touched, _differs(old, new))
    return Cleaned(after, dropped, int(pc.sum(touched).as_py() or 0))


def _differs(old: pa.ChunkedArray, new: pa.ChunkedArray) -> pa.BooleanArray:
    changed = pc.fill_null(pc.not_equal(old, new), False)
    return pc.or_(changed, pc.xor(pc.is_null(old), pc.is_null(new))).combine_chunks()


def _is_text(name: str, column: pa.ChunkedArray) -> bool:
    return pa.types.is_string(column.type) and name not in META_COLUMNS


def _any(
    rows: pa.Table, found: Sequence[tuple[str, Sequence[str]]], known: Known
) -> pa.BooleanArray:
    mask = pa.array([False] * rows.num_rows, pa.bool_())
    for column, kinds in found:
        if column in rows.column_names:
            for kind in kinds:
                mask = pc.or_(mask, known.holds(kind, rows.column(column)))
    return mask


def _blank(rows: pa.Table, mine: pa.BooleanArray, names: set[str], text: str | None) -> pa.Table:
    columns = [
        pc.if_else(mine, pa.scalar(text, pa.string()), column) if name in names else column
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    ]
    return pa.table(columns, schema=rows.schema)
