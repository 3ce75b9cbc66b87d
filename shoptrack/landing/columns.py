"""Fits the columns of a file to those of the contract."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shoptrack.contract import Column, Table
from shoptrack.landing.refusal import RefusedFileError
from shoptrack.landing.zone import META_COLUMNS

# What other systems call a column of the contract: GA4, Segment, Snowplow, Shopify, PostHog.
_OTHER_NAMES: Mapping[str, str] = {
    "event_id": "messageid message_id insert_id uuid id",
    "event_name": "event type event_type action name",
    "visitor_id": (
        "anonymousid anonymous_id user_pseudo_id client_id clientid distinct_id domain_userid"
        " cookie_id device_id visitor"
    ),
    "order_id": "id order order_number order_name name transaction_id",
    "order_line_id": "id line_item_id line_id",
    "refund_line_id": "id refund_line_item_id",
    "unit_price": "price",
    "total": "total_price amount grand_total",
    "quantity": "qty units",
    "amount": "subtotal refund_amount total",
    "spend": "cost amount amount_spent",
    "platform": "source channel network",
    "rate": "fx_rate exchange_rate",
    "on_hand": "available stock quantity qty",
}
_MOMENT_NAMES = (
    "ts timestamp time date datetime day created_at createdat occurred_at processed_at"
    " event_timestamp event_time originaltimestamp collector_tstamp derived_tstamp"
)


@dataclass(frozen=True)
class ColumnFit:
    """How the columns of a file are written.

    renamed: the file's name of each column to the name it is written under; names are compared
    without case and surrounding blanks. unknown: those that the contract does not know, in the
    file's order.
    """

    renamed: Mapping[str, str]
    unknown: tuple[str, ...]


def fit_columns(table: Table, names: Sequence[str]) -> ColumnFit:
    """Fit the column names of a file to the contract.

    Raises RefusedFileError when a name is empty, reserved or given twice, and then says whether a
    header may be missing.
    """
    known = set(table.column_names)
    written = [_written_name(name, known) for name in names]
    if not known.intersection(written) and (len(set(written)) < len(written) or "" in written):
        raise RefusedFileError(
            f"the first line names no column of {table.qualified_name}; put a header before the"
            f" rows, with at least {', '.join(table.required_columns)}"
        )
    _refuse_unusable(names, written)
    unknown = tuple(name for name in written if name not in known)
    return ColumnFit(dict(zip(names, written, strict=True)), unknown)


def _written_name(name: str, known: set[str]) -> str:
    stripped = name.strip()
    return stripped.lower() if stripped.lower() in known else stripped


def _refuse_unusable(names: Sequence[str], written: Sequence[str]) -> None:
    for position, name in enumerate(written, start=1):
        if not name:
            raise RefusedFileError(
                f"column {position} has no name; name it in the header or leave it out"
                " (pandas: to_csv(…, index=False))"
            )
        if name.lower() in META_COLUMNS:
            raise RefusedFileError(
                f"column {position} is called {name}, a name that landing itself writes; rename it"
            )
    counts = Counter(name.lower() for name in written)
    for lowered, count in counts.items():
        if count > 1:
            same = [repr(name) for name in names if name.strip().lower() == lowered]
            raise RefusedFileError(
                f"the column {lowered} is there {count} times ({', '.join(same)}), and names are"
                " compared without case and surrounding blanks; keep one of them"
            )


def refuse_missing(table: Table, fit: ColumnFit) -> None:
    """Raise RefusedFileError when a required column is missing; say which other may be meant."""
    written = set(fit.renamed.values())
    missing = [column for column in table.columns if column.required and column.name not in written]
    if not missing:
        return
    parts = []
    for column in missing:
        near = _near_name(column, fit.unknown)
        parts.append(f"{column.name} ({near!r} looks like it)" if near else column.name)
    names = list(fit.renamed)
    found = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    raise RefusedFileError(
        f"{'required columns are' if len(missing) > 1 else 'a required column is'} missing:"
        f" {', '.join(parts)}; the file has {found}. Rename or add them in the export:"
        f" {table.qualified_name} needs {', '.join(table.required_columns)}"
    )


def _near_name(column: Column, names: Sequence[str]) -> str | None:
    others = set(_OTHER_NAMES.get(column.name, "").split())
    if column.data_type in ("timestamp", "date"):
        others |= set(_MOMENT_NAMES.split())
    by_lowered = {name.strip().lower(): name for name in reversed(names)}
    for lowered, name in by_lowered.items():
        if lowered in others:
            return name
    close = difflib.get_close_matches(column.name, list(by_lowered), n=1, cutoff=0.7)
    return by_lowered[close[0]] if close else None
