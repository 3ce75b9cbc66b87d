"""Whose rows they are: the identifiers of one person, found in the landed files.

The rule: a person is his customer ids, and the e-mails, phones, visitors, carts and orders that
belong to them and to nobody else. A device that another customer uses too is not his: of its events
only those go that name him. An e-mail or phone of several customers is not followed from one to the
other when more than a few have it: then it is a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from shoptrack.erasure.errors import ErasureError
from shoptrack.erasure.other_systems import NAMINGS, select_naming, with_all_columns
from shoptrack.landing.zone import CONTRACT_FILE
from shoptrack.quoting import literal

KINDS = ("customer", "email", "phone", "visitor", "cart", "order", "click")
# So many customers may share an e-mail and be one person that registered again.
MOST_ACCOUNTS_OF_A_PERSON = 3
_PLUS = re.compile(r"^00")
_NO_DIGIT = re.compile(r"[^0-9+]")


def normal(kind: str, text: str) -> str:
    """A text as it is compared: e-mails in lower case, phones as digits, ids as they are."""
    if kind == "email":
        return text.strip().lower()
    if kind == "phone":
        return _PLUS.sub("+", _NO_DIGIT.sub("", text))
    return text.strip()


@dataclass(frozen=True)
class Person:
    """Identifiers of a person by kind, normal; `written` are the ways they are written in files.

    `ambiguous` are those that also are ids of another kind, of somebody else: they are replaced in
    no text. An order stays, without its person, so its id is none of `words`. Of several persons
    who are erased together `subjects` names each.
    """

    subjects: tuple[str, ...]
    identifiers: Mapping[str, frozenset[str]]
    written: frozenset[str] = field(default_factory=frozenset)
    ambiguous: frozenset[str] = field(default_factory=frozenset)

    def of(self, kind: str) -> frozenset[str]:
        """Identifiers of one kind."""
        return self.identifiers.get(kind, frozenset())

    def joined(self, other: Person) -> Person:
        """Both persons, to be erased together."""
        both = {kind: self.of(kind) | other.of(kind) for kind in KINDS}
        return Person(
            (*self.subjects, *other.subjects),
            {kind: texts for kind, texts in both.items() if texts},
            self.written | other.written,
            self.ambiguous | other.ambiguous,
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many identifiers of each kind there are."""
        return {kind: len(self.of(kind)) for kind in KINDS if self.of(kind)}

    @property
    def words(self) -> dict[str, set[str]]:
        """Texts that may be nowhere after the erasure, with the kinds of identifier they are."""
        found: dict[str, set[str]] = {}
        for kind in KINDS:
            if kind != "order":
                for text in self.of(kind):
                    found.setdefault(text, set()).add(kind)
        for text in self.written:
            found.setdefault(text, set()).add("email" if "@" in text else "phone")
        return found


def find_person(zone: Path, subject: str, also: Iterable[str] = ()) -> Person:
    """Find the identifiers of the person whom a customer id, e-mail, phone or visitor id names.

    `also` are further identifiers that the files do not tie to the subject. Raises ErasureError
    when nothing names the subject, or when it names a device of several customers.
    """
    with duckdb.connect() as connection:
        _make_views(connection, zone)
        search = _Search(connection)
        for text in (subject, *also):
            search.start(text.strip())
        for text in also:
            search.take(text)
        search.follow()
        if not search.found:
            raise ErasureError(
                f"no landed row names {subject!r}: give a customer id, an e-mail, a phone or a"
                " visitor id as the files write it; what no file ties to a person, with --also"
            )
        identifiers = {kind: frozenset(texts) for kind, texts in search.known.items() if texts}
        names = (subject.strip(),)
        return Person(names, identifiers, frozenset(search.written()), search.ambiguous())


_COLUMNS = {
    "events": (
        "web/events",
        ("visitor_id", "user_id", "cart_id", "transaction_id", "gclid", "fbclid", "msclkid"),
    ),
    "orders": (
        "shop/orders",
        ("order_id", "customer_id", "email", "phone", "cart_id", "visitor_id"),
    ),
    "customers": ("shop/customers", ("customer_id", "email", "phone")),
    "named": ("web/consents", ("subject_id",)),
    "units": ("web/experiment_exposures", ("unit_id",)),
    "messages": ("shop/messages", ("person_key", "cart_id")),
    "requests": ("shop/erasure_requests", ("subject_id",)),
}
_EMAIL = "nullif(lower(trim(email)), '')"
_PHONE = "nullif(regexp_replace(regexp_replace(phone, '[^0-9+]', '', 'g'), '^00', '+'), '')"


def _make_views(connection: duckdb.DuckDBPyConnection, zone: Path) -> None:
    """A table per raw table with the columns that name somebody, distinct, blanks as nulls."""
    for name, (folder, columns) in _COLUMNS.items():
        files = sorted(str(path) for path in (zone / folder).glob("*.parquet"))
        if not any(file.endswith(CONTRACT_FILE) for file in files):
            raise ErasureError(f"there is no landing zone at {zone}: nothing was landed yet")
        shown = ", ".join(f"nullif(trim({column}), '') as {column}" for column in columns)
        rows = " union all by name ".join([_select_all(files), *_named_in_adapters(zone, folder)])
        nulls = ", ".join(f"cast(null as varchar) as {column}" for column in columns)
        connection.execute(
            f"create table {name} as select distinct {shown}"
            f" from (select {nulls} where false union all by name {rows})"
        )
    _complete_orders(connection)
    connection.execute(
        f"create table accounts as select distinct customer_id, {_EMAIL} as email,"
        f" {_PHONE} as phone, email as email_written, phone as phone_written from customers"
        f" union select distinct customer_id, {_EMAIL}, {_PHONE}, email, phone from orders"
    )
    # Who bought on each device, by the order or by what the tracker saw of it.
    connection.execute(
        "create table buyers as"
        " select visitor_id, order_id, customer_id, email from orders where visitor_id is not null"
        " union select events.visitor_id, orders.order_id, orders.customer_id, orders.email"
        " from events join orders on events.transaction_id = orders.order_id"
        " where events.visitor_id is not null"
    )
    # Whom each device was seen with.
    connection.execute(
        "create table users as select distinct visitor_id, user_id as customer_id from events"
        " where user_id is not null and visitor_id is not null union"
        " select visitor_id, customer_id from buyers where customer_id is not null"
    )


def _select_all(files: Sequence[str]) -> str:
    listed = ", ".join(literal(file) for file in files)
    return f"select * from read_parquet([{listed}], union_by_name = true)"


def _named_in_adapters(zone: Path, folder: str) -> list[str]:
    """Queries of whom files of other systems name, as rows of a table of the contract do."""
    queries = []
    for table, namings in NAMINGS.items():
        files = sorted(str(path) for path in (zone / table.replace(".", "/")).glob("*.parquet"))
        rows = with_all_columns(table, f"({_select_all(files)})") if files else ""
        queries += [
            f"select distinct {select_naming(naming)} from ({rows})"
            for naming in namings
            if files and naming.like == folder.replace("/", ".")
        ]
    return queries


def _complete_orders(connection: duckdb.DuckDBPyConnection) -> None:
    """Join what several rows say of an order: a loader has its visitor in a table of its own."""
    connection.execute(
        "create or replace table orders as select distinct orders.order_id,"
        " coalesce(orders.customer_id, others.customer_id) as customer_id,"
        " coalesce(orders.email, others.email) as email,"
        " coalesce(orders.phone, others.phone) as phone,"
        " coalesce(orders.cart_id, others.cart_id) as cart_id,"
        " coalesce(orders.visitor_id, others.visitor_id) as visitor_id"
        " from orders left join orders as others on orders.order_id = others.order_id"
    )
    connection.execute(
        "delete from orders where customer_id is null and email is null and order_id in"
        " (select order_id from orders where customer_id is not null or email is not null)"
    )


_IDS_OF_KIND = {
    "visitor": "select visitor_id from events union select visitor_id from orders",
    "customer": "select user_id from events union select customer_id from accounts",
    "cart": "select cart_id from events union select cart_id from orders",
    "order": "select transaction_id from events union select order_id from orders",
    "click": "select gclid from events union select fbclid from events"
    " union select msclkid from events",
}


class _Search:
    """Follows identifiers from one to the next until nothing new is found."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.known: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self.found = False

    def start(self, subject: str) -> None:
        """Take a text for every kind of identifier that it is in the files."""
        places = {
            "customer": "select customer_id from accounts union all select user_id from events",
            "email": "select email from accounts",
            "phone": "select phone from accounts",
            "visitor": "select visitor_id from events union all select visitor_id from orders"
            " union all select unit_id from units union all select subject_id from named"
            " union all select person_key from messages"
            " union all select subject_id from requests",
        }
        kinds = {
            kind for kind, query in places.items() if self._ask(query, kind, normal(kind, subject))
        }
        if kinds - {"visitor"}:  # consents, messages and requests name customers and e-mails too
            kinds.discard("visitor")
        for kind in kinds:
            self.found = True
            self.known[kind].add(normal(kind, subject))
            if kind == "visitor":
                self._start_at_device(subject)

    def take(self, text: str) -> None:
        """Take a further identifier as it is given: files of adapters may be alone in having it."""
        kind = "email" if "@" in text else "visitor"
        if not any(normal(each, text) in self.known[each] for each in KINDS):
            self.known[kind].add(normal(kind, text))
        self.found = True

    def _start_at_device(self, visitor: str) -> None:
        customers = self._column("select customer_id from users where visitor_id = ?", [visitor])
        if len(customers) > 1:
            raise ErasureError(
                f"{visitor!r} is a device that {len(customers)} customers used: name the customer"
            )
        self.known["customer"] |= customers

    def follow(self) -> None:
        """Add what belongs to the person and to nobody else."""
        before = -1
        while before != (before := sum(map(len, self.known.values()))):
            self._follow_accounts()
            self._follow_devices()
            self._follow_orders()
        self._add_traces()

    def _follow_accounts(self) -> None:
        mine = list(self.known["customer"])
        for kind in ("email", "phone"):
            self.known[kind] |= self._column(
                f"select {kind} from accounts where customer_id in (select unnest(?))"
                f" and {kind} not in (select {kind} from accounts where {kind} is not null and"
                f" customer_id not in (select unnest(?)) group by {kind}"
                f" having count(distinct customer_id) >= {MOST_ACCOUNTS_OF_A_PERSON})",
                [mine, mine],
            )
        self.known["customer"] |= self._column(
            "select customer_id from accounts where email in (select unnest(?))",
            [list(self.known["email"])],
        )
        if not self.known["customer"]:
            self.known["customer"] |= self._column(
                "select customer_id from accounts where phone in (select unnest(?))",
                [list(self.known["phone"])],
            )
        self.known["phone"] |= self._column(
            "select phone from accounts where customer_id is null and email in (select unnest(?))",
            [list(self.known["email"])],
        )
        # A phone that somebody else has as well is not the person's alone: it stays with the other.
        self.known["phone"] -= self._column(
            "select phone from accounts where customer_id is not null"
            " and customer_id not in (select unnest(?))",
            [list(self.known["customer"])],
        )

    def _follow_devices(self) -> None:
        mine = list(self.known["customer"])
        self.known["visitor"] |= self._column(
            "select visitor_id from users where customer_id in (select unnest(?))"
            " and visitor_id not in (select visitor_id from users"
            " where customer_id not in (select unnest(?)))"
            " union select visitor_id from buyers where order_id in (select unnest(?))"
            " and visitor_id not in (select visitor_id from users"
            " where customer_id not in (select unnest(?)))"
            " and visitor_id not in (select visitor_id from buyers where"
            f" {_EMAIL} is not null and {_EMAIL} not in (select unnest(?)))",
            [mine, mine, list(self.known["order"]), mine, list(self.known["email"])],
        )
        others = self._column(
            "select visitor_id from buyers where customer_id is null"
            f" and {_EMAIL} is not null and {_EMAIL} not in (select unnest(?))",
            [list(self.known["email"])],
        )
        self.known["visitor"] -= others

    def _follow_orders(self) -> None:
        self.known["order"] |= self._column(
            "select order_id from orders where customer_id in (select unnest(?))"
            f" or {_EMAIL} in (select unnest(?))"
            f" or (visitor_id in (select unnest(?)) and customer_id is null and {_EMAIL} is null)",
            [
                list(self.known["customer"]),
                list(self.known["email"]),
                list(self.known["visitor"]),
            ],
        )

    def _add_traces(self) -> None:
        """Add carts and click ids of what goes, where they are of nobody else."""
        mine = (
            "visitor_id in (select unnest($visitor)) or user_id in (select unnest($customer))"
            " or transaction_id in (select unnest($order))"
        )
        given = {kind: list(self.known[kind]) for kind in ("visitor", "customer", "order")}
        self.known["cart"] |= self._column(
            f"select cart_id from events where {mine}"
            " union select cart_id from orders where order_id in (select unnest($order))",
            given,
        )
        for column in ("gclid", "fbclid", "msclkid"):
            self.known["click"] |= self._column(
                f"select {column} from events where {mine} except"
                f" select {column} from events where not coalesce({mine}, false)",
                given,
            )

    def written(self) -> set[str]:
        """The ways in which the files write e-mails and phones of the person."""
        rows = self._connection.execute(
            "select email_written from accounts where email in (select unnest($email))"
            " union select phone_written from accounts where phone in (select unnest($phone))",
            {kind: list(self.known[kind]) for kind in ("email", "phone")},
        ).fetchall()
        return {text for (text,) in rows if text}

    def ambiguous(self) -> frozenset[str]:
        """Ids that the files also have as ids of another kind, which are not the person's."""
        found: set[str] = set()
        for kind, query in _IDS_OF_KIND.items():
            ours = {text for other in KINDS if other != kind for text in self.known[other]}
            found |= self._column(
                f"select id from ({query}) as ids(id) where id in (select unnest(?))",
                [list(ours - self.known[kind])],
            )
        return frozenset(found)

    def _ask(self, query: str, kind: str, text: str) -> bool:
        column = f"select text from ({query}) as places(text) where text = ? limit 1"
        return bool(text) and bool(self._connection.execute(column, [text]).fetchall())

    def _column(self, query: str, given: object) -> set[str]:
        rows = self._connection.execute(query, given).fetchall()
        return {text for (text,) in rows if text is not None}
