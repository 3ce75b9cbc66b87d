"""Who is truly behind the identifiers that the tracker and the shop saw."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoptrack.demo.behaviour import PURCHASE
from shoptrack.demo.draws import Array
from shoptrack.demo.people import People, customer_ids, emails, phones, visitor_ids

FILE_NAME = "truth_identities.parquet"


class Identities:
    """The persons on each device, and what of it the data can show.

    An identifier is *linked* with a person who used it if the person made themselves known on it
    in rows that land: a visitor by a login or by an order (the order names the visitor, or tracking
    saw its purchase), with consent to analytics at that time; a customer id, an e-mail and a phone
    by the account, and a guest's e-mail by the order.

    A *linked pair* is two identifiers that are linked with the same person. Data can find it,
    because everybody's account or e-mail holds theirs together. Several people may be linked with
    one device; then it is in pairs of each of them.
    """

    def __init__(self) -> None:
        self._seen = np.zeros(0, dtype=np.int64)
        self._linked = np.zeros(0, dtype=np.int64)

    def note(self, people: People, sessions: Array, orders: Array) -> None:
        """Note who used what on a day: its sessions (dtype SESSION) and orders (dtype ORDER)."""
        humans = sessions[sessions["bot"] == 0]
        has_consent = people.devices["consent"][humans["device"]] > 0
        names_visitor = np.append(orders["device"] >= 0, False)[humans["order"]]
        is_bought = (humans["depth"] == PURCHASE) & (humans["is_tracked"] | names_visitor)
        is_known = (humans["is_known_at_checkout"] | is_bought) & has_consent
        self._seen = np.union1d(self._seen, _pairs(humans))
        self._linked = np.union1d(self._linked, _pairs(humans[is_known]))

    def write(self, zone: Path, people: People, seed: int) -> None:
        """Write one row per identifier and person who used it into the zone's root, at once.

        Columns: identifier_kind (visitor, customer, email, phone), identifier (an e-mail as it is,
        not hashed), person (a number), is_linked.
        """
        devices, persons = self._seen >> 32, self._seen & 0xFFFFFFFF
        rows = people.rows
        accounts = np.flatnonzero(rows["created_at"] > 0)
        mailed = np.flatnonzero((rows["created_at"] > 0) | rows["has_bought"])
        table = pa.concat_tables(
            [
                _rows("visitor", visitor_ids(devices, seed), persons),
                _rows("customer", customer_ids(accounts), accounts),
                _rows("email", emails(mailed), mailed),
                _rows("phone", phones(accounts), accounts),
            ]
        )
        is_linked = np.ones(table.num_rows, dtype=bool)
        is_linked[: len(devices)] = np.isin(self._seen, self._linked)
        temporary = zone / f".{FILE_NAME}"
        pq.write_table(table.append_column("is_linked", pa.array(is_linked)), temporary)
        os.replace(temporary, zone / FILE_NAME)


def _pairs(sessions: Array) -> Array:
    """Device and person of each session in one number."""
    pairs: Array = (sessions["device"].astype(np.int64) << 32) | sessions["person"]
    return pairs


def _rows(kind: str, identifiers: pa.Array, persons: Array) -> pa.Table:
    kinds = pa.array([kind]).take(pa.array(np.zeros(len(persons), dtype=np.int64)))
    return pa.table(
        {
            "identifier_kind": kinds,
            "identifier": pc.cast(identifiers, pa.string()),
            "person": pa.array(persons.astype(np.int64)),
        }
    )
