"""The demo shop: the landed rows, freed of their dirt, are exactly what the truth says."""

from __future__ import annotations

import gc
import hashlib
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from shoptrack.contract import tables
from shoptrack.demo import DemoZoneError, rates, simulate
from shoptrack.demo.behaviour import PURCHASE, decide
from shoptrack.demo.catalogue import Catalogue
from shoptrack.demo.dirt import FLAWS
from shoptrack.demo.orders import allocate
from shoptrack.demo.people import NEW, People, visits
from shoptrack.demo.timeline import longest_gap_ms
from shoptrack.demo.visits import SESSION

DAYS, VISITORS = 48, 3_600
NEVER_LANDED = "shop.erasure_requests"
LANDED = [name for name in tables() if name != NEVER_LANDED]
KEY_RULES = {
    "shop.order_lines": "cast(quantity as integer) > 0",
    "shop.refunds": "cast(amount as decimal(18, 2)) >= 0",
    "shop.reviews": "cast(rating as integer) between 1 and 5",
}
SQL_TYPES = {"text": "varchar", "decimal": "decimal(18, 5)", "json": "json"}


class Landed:
    """A landing zone in DuckDB: views `<table>` of rows without dirt, and what the truth says."""

    def __init__(self, zone: Path) -> None:
        self.zone = zone
        self.truth: dict[str, Any] = json.loads((zone / "truth.json").read_text(encoding="utf-8"))
        self.realised = self.truth["realised"]
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")
        for table in tables().values():
            self._create_views(table.qualified_name, table.name)

    def _create_views(self, qualified: str, name: str) -> None:
        table = tables()[qualified]
        files = self.zone / table.source / name / "*.parquet"
        self.connection.execute(f"create view raw_{name} as select * from read_parquet('{files}')")
        casts, fits = [], []
        for column in table.columns:
            kind = SQL_TYPES.get(column.data_type, column.data_type)
            casts.append(f"cast({column.name} as {kind}) as {column.name}")
            fits.append(f"({column.name} is null or try_cast({column.name} as {kind}) is not null)")
            if column.required:
                fits.append(f"{column.name} is not null")
        names = ", ".join(table.column_names)
        well_typed = f"select distinct {names} from raw_{name} where {' and '.join(fits)}"
        rule = KEY_RULES.get(qualified, "true")
        self.connection.execute(
            f"create table {name} as select {', '.join(casts)} from ({well_typed}) where {rule}"
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        found: list[tuple[Any, ...]] = self.connection.execute(sql).fetchall()
        return found

    def value(self, sql: str) -> Any:
        """The only value of a query."""
        return self.rows(sql)[0][0]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    zone = tmp_path_factory.mktemp("demo")
    simulate(zone, days=DAYS, visitors=VISITORS, seed=11)
    landed = Landed(zone)
    landed.connection.execute(SESSIONS)
    landed.connection.execute(LAST_VERSIONS)
    yield landed
    landed.connection.close()


SESSIONS = """
create table sessions as
with gaps as (
    select *, event_at - lag(event_at) over (partition by visitor_id order by event_at, event_id)
        as gap
    from events
),
numbered as (
    select *, count(*) filter (where gap is null or gap > interval 30 minutes)
        over (partition by visitor_id order by event_at, event_id rows unbounded preceding)
        as session_number
    from gaps
)
select
    visitor_id,
    session_number,
    count(distinct session_key) as source_sessions,
    min(session_key) as session_key,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    count(*) filter (where event_name = 'page_view') as page_views,
    bool_or(event_name = 'purchase') as has_purchase,
    list(distinct event_name) as event_names,
    regexp_matches(min(user_agent), '(?i)bot|headless') as is_known_bot,
    count(*) filter (where event_name = 'page_view') > 100 as is_fast_bot,
    arg_min(utm_source, event_at) as source,
    arg_min(struct_pack(
        s := lower(utm_source), m := lower(utm_medium), r := page_referrer,
        click := coalesce(gclid, msclkid, fbclid)), event_at) as landing
from numbered
group by visitor_id, session_number
"""

LAST_VERSIONS = """
create table last_orders as
select * from orders
qualify row_number() over (partition by order_id order by updated_at desc) = 1
"""

CHANNEL = """
case
    when landing.m in ('cpc') or (landing.s is null and landing.click is not null)
        then 'Paid Search'
    when landing.m = 'paid_social' then 'Paid Social'
    when landing.m = 'display' then 'Display'
    when landing.m = 'affiliate' then 'Affiliates'
    when landing.m = 'email' then 'Email'
    when landing.r like '%chatgpt.com%' then 'AI Assistant'
    when regexp_matches(landing.r, 'etsy|ebay') then 'Organic Shopping'
    when regexp_matches(landing.r, 'google|bing|duckduckgo') then 'Organic Search'
    when regexp_matches(landing.r, 'instagram|facebook|pinterest') then 'Organic Social'
    when landing.r is not null then 'Referral'
    else 'Direct'
end
"""
HUMAN = "not is_known_bot and not is_fast_bot"


def fingerprint(zone: Path) -> dict[str, str]:
    """SHA-256 of every file of a zone, by relative path."""
    return {
        str(path.relative_to(zone)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(zone.rglob("*"))
        if path.is_file()
    }


# The same draw again


def test_same_arguments_give_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("second", 3), ("other", 4)):
        simulate(tmp_path / name, days=7, visitors=300, seed=seed)
    first, second, other = (fingerprint(tmp_path / name) for name in ("first", "second", "other"))
    assert first == second
    assert first["truth.json"] != other["truth.json"]
    events = {path for path in first if path.startswith("web/events/events_")}
    assert len(events) == 8
    assert not events & set(other)


def test_a_shorter_run_gives_the_first_loads_of_a_longer_one(tmp_path: Path) -> None:
    simulate(tmp_path / "short", days=6, visitors=240, seed=5)
    simulate(tmp_path / "long", days=8, visitors=320, seed=5)
    short, long = fingerprint(tmp_path / "short"), fingerprint(tmp_path / "long")
    loads = {path for path in short if "_2025-01-" in path and "_2025-01-07" not in path}
    assert len(loads) > 50
    assert {path: short[path] for path in loads} == {path: long[path] for path in loads}


def test_landing_the_same_shop_twice_adds_nothing_and_another_shop_is_refused(
    tmp_path: Path,
) -> None:
    simulate(tmp_path, days=3, visitors=60, seed=1)
    before = fingerprint(tmp_path)
    simulate(tmp_path, days=3, visitors=60, seed=1)
    assert fingerprint(tmp_path) == before
    with pytest.raises(DemoZoneError, match="holds another demo shop"):
        simulate(tmp_path, days=3, visitors=60, seed=2)
    assert fingerprint(tmp_path) == before


def test_a_run_that_broke_off_can_be_finished_but_not_mixed_with_another(tmp_path: Path) -> None:
    class BrokenOffError(Exception):
        pass

    def break_off(done: int, _: int) -> None:
        if done == 2:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        simulate(tmp_path / "broken", days=4, visitors=80, seed=1, on_day=break_off)
    # This is how `make build` sees it.
    assert (tmp_path / "broken" / "truth.json").exists()
    assert not (tmp_path / "broken" / "truth_identities.parquet").exists()
    with pytest.raises(DemoZoneError):
        simulate(tmp_path / "broken", days=4, visitors=80, seed=2)
    for name in ("broken", "whole"):
        simulate(tmp_path / name, days=4, visitors=80, seed=1)
    assert fingerprint(tmp_path / "broken") == fingerprint(tmp_path / "whole")


@pytest.mark.parametrize(("days", "visitors", "seed"), [(0, 9, 1), (9, 0, 1), (9, 9, -1)])
def test_arguments_that_make_no_shop_are_refused(
    tmp_path: Path, days: int, visitors: int, seed: int
) -> None:
    with pytest.raises(ValueError, match="at least"):
        simulate(tmp_path, days=days, visitors=visitors, seed=seed)
    assert list(tmp_path.iterdir()) == []


def test_a_tiny_shop_works_and_progress_is_told_after_each_day(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    simulate(tmp_path, days=4, visitors=1, seed=2, on_day=lambda *day: told.append(day))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_memory_does_not_grow_with_the_days(tmp_path: Path) -> None:
    days, peaks = 18, []

    def at_a_third(done: int, _: int) -> None:
        if done % 6 == 0:
            peaks.append((tracemalloc.get_traced_memory()[1], pa.total_allocated_bytes()))
            gc.collect()
            tracemalloc.reset_peak()

    simulate(tmp_path / "warm", days=1, visitors=40, seed=1)
    tracemalloc.start()
    simulate(tmp_path / "long", days=days, visitors=40 * days, seed=1, on_day=at_a_third)
    tracemalloc.stop()
    (_, _), (second, arrow), (third, later_arrow) = peaks
    assert third < 1.25 * second
    assert later_arrow < arrow + 2_000_000


# Rows and their dirt


@pytest.mark.parametrize("name", LANDED)
def test_each_table_has_exactly_the_rows_that_were_drawn(shop: Landed, name: str) -> None:
    table = name.split(".")[1]
    clean = shop.realised["rows_before_dirt"][name]
    copies = shop.realised["dirt"]["duplicates"].get(name, {})
    bad = shop.realised["dirt"]["bad_rows"].get(name, {})
    landed = shop.value(f"select count(*) from raw_{table}")
    assert shop.value(f"select count(*) from {table}") == clean > 0
    assert landed == clean + sum(copies.values()) + sum(bad.values())
    assert landed == shop.realised["rows_landed"][name]


def test_keys_are_unique_after_the_copies_are_gone(shop: Landed) -> None:
    for name in LANDED:
        key = ", ".join(tables()[name].key)
        table = "last_orders" if name == "shop.orders" else name.split(".")[1]
        if name == "shop.customers":  # a deleted account is a second version
            key += ", deleted_at"
        twice = shop.rows(f"select {key} from {table} group by all having count(*) > 1")
        assert twice == [], name


def test_bad_rows_are_of_the_planted_kinds_and_of_every_one_in_the_events(shop: Landed) -> None:
    planted = shop.realised["dirt"]["bad_rows"]
    assert set(planted["web.events"]) == {flaw.reason for flaw in FLAWS["web.events"]}
    for name, reasons in planted.items():
        assert set(reasons) <= {flaw.reason for flaw in FLAWS[name]}
    missing = shop.value("select count(*) from raw_events where visitor_id is null")
    assert missing == planted["web.events"]["visitor_id is missing"]


def test_rows_are_late_by_up_to_thirty_days_as_often_as_the_truth_says(shop: Landed) -> None:
    late, longest = shop.rows(
        """
        with arrivals as (
            select event_id, min(_loaded_at) - interval 1 day - interval 2 hours as load_date,
                min(date_trunc('day', cast(event_at as timestamp))) as own_date
            from raw_events where event_id in (select event_id from events)
            group by event_id
        )
        select count(*), max(date_diff('day', own_date, load_date)) from arrivals
        where load_date > own_date
        """
    )[0]
    assert late == shop.realised["dirt"]["late_rows"]["web.events"] > 0
    assert 20 < longest <= rates.LATE_MAX_DAYS


def test_some_rows_stand_below_younger_ones(shop: Landed) -> None:
    sql = """
        select count(*) from (
            select try_cast(event_at as timestamp) as happened_at,
                max(try_cast(event_at as timestamp)) over (
                    partition by _source_file order by _source_row
                    rows between unbounded preceding and 1 preceding) as newest_above
            from raw_events
        ) where happened_at < newest_above
    """
    counted = shop.realised["dirt"]["rows_out_of_order"]["web.events"]
    assert shop.value(sql) == pytest.approx(counted, rel=0.02)


# Behaviour


def test_the_thirty_minute_rule_gives_exactly_the_drawn_sessions(shop: Landed) -> None:
    sessions = shop.realised["sessions"]
    assert shop.value("select count(*) from sessions") == sessions["all"]
    assert shop.value("select max(source_sessions) from sessions") == 1
    assert shop.value(f"select count(*) from sessions where {HUMAN}") == sessions["human"]
    known = shop.value("select count(*) from sessions where is_known_bot")
    assert known == sessions["known_bots"] > 0
    fast = shop.value("select count(*) from sessions where is_fast_bot and not is_known_bot")
    assert fast == sessions["behaviour_bots"] > 0
    crossing = f"select count(*) from sessions where {HUMAN} and started_at::date <> ended_at::date"
    assert shop.value(crossing) == sessions["crossing_midnight_utc"] > 0
    by_date = shop.rows(
        f"select cast(started_at::date as varchar), count(*) from sessions where {HUMAN} group by 1"
    )
    assert dict(by_date) == sessions["by_start_date_utc"]


def test_gaps_are_far_from_the_timeout(shop: Landed) -> None:
    within, between = shop.rows(
        """
        with gaps as (
            select event_at - lag(event_at) over visitor as gap,
                session_key = lag(session_key) over visitor as is_same
            from events window visitor as (partition by visitor_id order by event_at, event_id)
        )
        select epoch_ms(max(gap) filter (where is_same)),
            epoch_ms(min(gap) filter (where not is_same))
        from gaps
        """
    )[0]
    assert within <= longest_gap_ms() < 10 * 60_000
    assert between >= 60 * 60_000


def test_channels_and_their_conversions_are_the_drawn_ones(shop: Landed) -> None:
    found = shop.rows(
        f"""select {CHANNEL} as channel, count(*), count(*) filter (where has_purchase)
        from sessions where {HUMAN} group by 1"""
    )
    sessions = shop.realised["sessions"]
    assert {row[0]: row[1] for row in found} == sessions["by_channel"]
    assert {row[0]: row[2] for row in found} == sessions["with_purchase_event_by_channel"]


def test_funnel_counts_and_event_counts_are_the_drawn_ones(shop: Landed) -> None:
    for name, count in shop.realised["sessions"]["with_event"].items():
        sql = (
            f"select count(*) from sessions where {HUMAN} and list_contains(event_names, '{name}')"
        )
        assert shop.value(sql) == count > 0, name
    by_name = dict(shop.rows("select event_name, count(*) from events group by 1"))
    assert by_name == shop.realised["events"]["by_name"]
    single = shop.value(f"select count(*) from sessions where {HUMAN} and page_views = 1")
    assert single == shop.realised["sessions"]["with_one_page_view"]


def test_only_the_landing_event_carries_the_campaign(shop: Landed) -> None:
    tagged = """
        utm_source is not null or gclid is not null or fbclid is not null or msclkid is not null
    """
    several = shop.value(
        f"""select count(*) from (
            select visitor_id, session_key from events where {tagged}
            group by all having count(*) > 1)"""
    )
    late = shop.value(
        f"""select count(*) from events join sessions using (visitor_id, session_key)
        where ({tagged}) and event_at > started_at"""
    )
    url = shop.value(
        """select count(*) from events
        where (page_url like '%utm_source=%') <> (utm_source is not null)"""
    )
    foreign = shop.value(
        "select count(*) from events where not starts_with(page_url, 'https://www.demo-shop.example/')"
    )
    assert (several, late, url, foreign) == (0, 0, 0, 0)
    assert shop.value("select count(*) from events where page_referrer like '%paypal%'") > 0


def test_visitors_and_shared_devices_are_the_drawn_ones(shop: Landed) -> None:
    people = shop.realised["people"]
    visitors = f"select count(distinct visitor_id) from sessions where {HUMAN}"
    assert shop.value(visitors) == people["visitors"]
    assert shop.value("select count(distinct subject_id) from consents") == people["visitors"]
    shared = shop.value(
        """select count(*) from (select visitor_id from events where user_id is not null
        group by 1 having count(distinct user_id) > 1)"""
    )
    assert shared == people["shared_devices"]
    unknown = "select count(*) from events where user_id not in (select customer_id from customers)"
    assert shop.value(unknown) == 0


def test_experiment_units_and_their_purchases_are_the_drawn_ones(shop: Landed) -> None:
    found = shop.rows(
        """
        with agreed as (
            select exposures.*
            from experiment_exposures as exposures asof join consents
                on unit_id = subject_id and exposed_at >= recorded_at
            where consent_analytics
        )
        select experiment_id, variant, count(distinct unit_id),
            count(distinct unit_id) filter (where event_name = 'purchase')
        from agreed left join events
            on unit_id = visitor_id and event_at >= exposed_at and event_name = 'purchase'
                and events.consent_analytics
        group by all
        """
    )
    counted = {(row[0], row[1]): row[2:] for row in found}
    for experiment, variants in shop.realised["experiments"].items():
        for variant, truth in variants.items():
            expected = (truth["units"], truth["units_with_purchase_event"])
            assert counted[experiment, variant] == expected
    banner = shop.realised["experiments"]["exp-banner"]
    assert banner["treatment"]["units"] < 0.93 * banner["control"]["units"]


def test_carts_are_the_drawn_ones(shop: Landed) -> None:
    carts = shop.realised["carts"]
    # Without consent a cart is one of its visit alone.
    started = """
        select count(distinct (cart_id, case when not consent_analytics then session_key end))
        from events where cart_id is not null
    """
    assert shop.value(started) == carts["started"]
    bought = """
        select count(*) from last_orders as orders where not is_test and (
            order_id in (select transaction_id from events where transaction_id is not null)
            or cart_id not in (
                select cart_id from events where not consent_analytics and cart_id is not null))
    """
    assert shop.value(bought) == carts["bought"]
    emptied = """
        select count(*) from (
            select cart_id from events where cart_id is not null group by 1
            having count(*) filter (where event_name = 'add_to_cart')
                = count(*) filter (where event_name = 'remove_from_cart'))
    """
    assert shop.value(emptied) == carts["emptied"] > 0
    reminded = shop.realised["messages"]
    found = shop.rows("select count(*), count(opened_at), count(clicked_at) from messages")
    assert found == [(reminded["sent"], reminded["opened"], reminded["clicked"])]
    too_early = """
        select count(*) from messages join (
            select cart_id, max(event_at) as idle_since, min(event_at) as started_at
            from events group by 1) as carts using (cart_id)
        where sent_at < started_at + interval 24 hours
    """
    assert shop.value(too_early) == 0


# Money


def test_every_order_reconciles_to_the_cent_with_its_lines(shop: Landed) -> None:
    wrong = shop.rows(
        """
        with summed as (
            select order_id, sum(unit_price * quantity) as gross, sum(tax) as tax,
                sum(discount_allocated) as discount, count(*) as line_count,
                count(*) filter (where discount_allocated is null) as unallocated
            from order_lines group by order_id
        )
        select order_id from orders left join summed using (order_id)
        where line_count is null
            or subtotal <> gross - discount_total
            or tax_total <> summed.tax
            or (unallocated = 0 and discount <> discount_total)
            or unallocated not in (0, line_count)
            or (unallocated > 0 and discount_total = 0)
            or total <> subtotal + shipping_total + if(taxes_included, 0, tax_total)
        """
    )
    assert wrong == []
    unallocated = """
        select count(distinct order_id) from order_lines where discount_allocated is null
    """
    assert shop.value(unallocated) == shop.realised["orders"]["with_unallocated_discount"] > 0


def test_orders_are_the_drawn_ones(shop: Landed) -> None:
    truth = shop.realised["orders"]
    counts = {
        "all": "true",
        "test": "is_test",
        "voided": "financial_status = 'voided'",
        "with_coupon": "coupon is not null",
        "with_taxes_included": "taxes_included",
        "with_odd_email": "email <> lower(trim(email))",
        "without_visitor_id": "not is_test and visitor_id is null",
        "by_guests": "not is_test and customer_id is null",
        "refunded": "financial_status in ('refunded', 'partially_refunded')",
    }
    for name, condition in counts.items():
        assert shop.value(f"select count(*) from last_orders where {condition}") == truth[name], (
            name
        )
    versions = shop.value("select count(*) from orders") - truth["all"]
    assert versions == truth["later_versions"]
    gifts = "select count(distinct order_id) from order_lines where is_gift_card"
    assert shop.value(gifts) == truth["with_gift_card"]


def test_sales_are_the_drawn_ones_by_currency_and_tax_handling(shop: Landed) -> None:
    found = shop.rows(
        """
        with goods as (
            select order_id,
                sum(unit_price * quantity) filter (where not is_gift_card) as gross,
                sum(unit_price * quantity) filter (where is_gift_card) as gift_cards,
                sum(quantity) filter (where not is_gift_card) as units
            from order_lines group by order_id
        )
        select currency, taxes_included, count(*), sum(units), sum(gross) * 100,
            coalesce(sum(gift_cards), 0) * 100, sum(discount_total) * 100, sum(subtotal) * 100,
            sum(tax_total) * 100, sum(shipping_total) * 100, sum(total) * 100
        from last_orders join goods using (order_id)
        where not is_test and financial_status <> 'voided'
        group by all
        """
    )
    fields = "orders units gross_cents gift_card_cents discount_cents subtotal_cents tax_cents"
    names = [*fields.split(), "shipping_cents", "total_cents"]
    assert len(found) >= 3
    for currency, included, *values in found:
        truth = shop.realised["sales"][currency]["taxes_included" if included else "taxes_added"]
        assert [int(value) for value in values] == [truth[name] for name in names]


def test_refunds_are_the_drawn_ones_and_never_exceed_the_line(shop: Landed) -> None:
    found = shop.rows(
        """
        select currency, taxes_included, count(*), sum(amount) * 100, sum(tax) * 100,
            sum(shipping) * 100
        from refunds join (select order_id, currency, taxes_included, shipping_total
            from last_orders) using (order_id)
        group by 1, 2
        """.replace("sum(tax)", "sum(refunds.tax)")
    )
    for currency, included, *values in found:
        truth = shop.realised["sales"][currency]["taxes_included" if included else "taxes_added"]
        names = ("refund_lines", "refund_cents", "refund_tax_cents", "refund_shipping_cents")
        assert [int(value) for value in values] == [truth[name] for name in names]
    too_much = shop.rows(
        """
        select * from refunds join order_lines using (order_line_id)
        where amount > unit_price * order_lines.quantity
            or refunds.quantity > order_lines.quantity or refunds.tax > order_lines.tax
        """
    )
    assert too_much == []
    before = """
        select count(*) from refunds join last_orders using (order_id)
        where refunded_at < ordered_at
    """
    assert shop.value(before) == 0


def test_purchase_events_agree_with_orders(shop: Landed) -> None:
    wrong = shop.rows(
        """
        select transaction_id from events left join last_orders on transaction_id = order_id
        where event_name = 'purchase' and (
            order_id is null or value <> subtotal or events.currency <> last_orders.currency
            or events.cart_id <> last_orders.cart_id or event_at <> ordered_at
            or events.visitor_id <> last_orders.visitor_id)
        """
    )
    assert wrong == []
    untracked = shop.value(
        """select count(*) from last_orders where not is_test and order_id not in
        (select transaction_id from events where event_name = 'purchase')"""
    )
    assert untracked == shop.realised["orders"]["without_purchase_event"] > 0


def test_items_of_a_purchase_are_the_lines_of_its_order(shop: Landed) -> None:
    wrong = shop.rows(
        """
        with items as (
            select transaction_id as order_id, unnest(from_json(items,
                '[{"item_id": "VARCHAR", "price": "DECIMAL(18,2)", "quantity": "BIGINT"}]')) as item
            from events where event_name = 'purchase'
        ),
        bought as (
            select order_id, item.item_id as variant_id, item.price as price,
                sum(item.quantity) as quantity
            from items group by all
        ),
        lines as (
            select order_id, variant_id, unit_price as price, sum(quantity) as quantity
            from order_lines where order_id in (select order_id from items) group by all
        )
        select * from bought full join lines using (order_id, variant_id, price)
        where bought.quantity is distinct from lines.quantity
        """
    )
    assert wrong == []


def test_buyers_and_repeat_buyers_are_the_drawn_ones(shop: Landed) -> None:
    buyers, repeats, with_account = shop.rows(
        """
        select count(*), count(*) filter (where order_count > 1), count(customer_id) from (
            select lower(trim(email)) as person, count(*) as order_count,
                max(customer_id) as customer_id
            from last_orders where not is_test and financial_status <> 'voided' group by 1)
        """
    )[0]
    people = shop.realised["people"]
    assert (buyers, repeats) == (people["buyers"], people["repeat_buyers"])
    assert with_account == people["buyers_with_account"]
    assert shop.value("select count(distinct customer_id) from customers") == people["accounts"]
    deleted = shop.value("select count(*) from customers where deleted_at is not null")
    assert deleted == people["deleted_accounts"]


# Stock, prices, ads


def test_stock_balances_day_by_day(shop: Landed) -> None:
    wrong = shop.rows(
        """
        with sold as (
            select variant_id, ordered_day as snapshot_date, sum(quantity) as units
            from order_lines join (
                select order_id, max(committed_day) as ordered_day from (
                    select order_id, cast(min(_loaded_at) - interval 26 hours as date)
                        as committed_day from raw_order_lines group by order_id) group by 1)
                using (order_id)
            group by all
        ),
        balance as (
            select *, lag(on_hand) over (partition by variant_id, location_id
                order by snapshot_date) as before
            from inventory_snapshots
        )
        select * from balance where on_hand < 0
            or before + received + adjusted - committed <> on_hand and location_id = 'central'
        """
    )
    assert wrong == []
    committed = shop.value("select sum(committed) from inventory_snapshots")
    sold = shop.value(
        """select sum(quantity) from order_lines join last_orders using (order_id)
        where not is_test"""
    )
    assert committed == sold
    empty = "select count(*) from inventory_snapshots where location_id = 'central' and on_hand = 0"
    stock_outs = shop.realised["inventory"]["stock_out_days_central"]
    assert shop.value(empty) == stock_outs > 0


def test_prices_of_lines_are_the_published_prices(shop: Landed) -> None:
    wrong = shop.rows(
        """
        select order_line_id from order_lines
        join last_orders using (order_id)
        asof join product_prices on order_lines.variant_id = product_prices.variant_id
            and ordered_at - interval 2 hours >= valid_from
        where unit_price <> price and last_orders.currency = 'EUR'
            and hour(ordered_at) between 3 and 23
        """
    )
    assert wrong == []
    changed = "select count(*) from product_prices group by variant_id having count(*) > 2"
    assert len(shop.rows(changed)) > 5


def test_ads_have_spend_without_sessions_and_sessions_have_campaigns(shop: Landed) -> None:
    silent = "select sum(spend) from ad_spend where utm_campaign = 'video_awareness'"
    assert shop.value(silent) > 0
    assert shop.value("select count(*) from events where utm_campaign = 'video_awareness'") == 0
    campaigns = (
        "select count(distinct utm_campaign) from ad_spend semi join events using (utm_campaign)"
    )
    assert shop.value(campaigns) == 6
    assert {row[0] for row in shop.rows("select distinct currency from ad_spend")} == {"EUR", "USD"}


# The parameters behind the draw


def test_repeat_buying_follows_bg_nbd(tmp_path: Path) -> None:
    size, days = 40_000, 120
    people = People(seed=1, days=days, visitors_per_day=1)
    persons = people._people.add(size)
    people.plan_purchase(0, persons)
    first_repeat = np.full(size, days)
    for day in range(1, days):
        due = people.agenda.take(day, visits(persons, NEW).dtype)["person"]
        fresh = due[first_repeat[due] == days]
        first_repeat[fresh] = day
        people.plan_purchase(day, due)
    for horizon in (30, 90):
        expected = 1 - (rates.REPEAT_ALPHA / (rates.REPEAT_ALPHA + horizon)) ** rates.REPEAT_R
        error = np.sqrt(expected * (1 - expected) / size)
        assert np.mean(first_repeat < horizon) == pytest.approx(expected, abs=4 * error + 0.006)
    dropout = people.rows["dropout"].mean()
    share = rates.DROPOUT_A / (rates.DROPOUT_A + rates.DROPOUT_B)
    assert dropout == pytest.approx(share, abs=0.01)


def test_the_experiment_raises_conversion_by_its_effect() -> None:
    size = 400_000
    people = People(seed=1, days=1, visitors_per_day=1)
    person = people._people.add(size)
    people.add_devices(np.random.default_rng(1), np.zeros(size, dtype=np.int64))
    sessions = np.zeros(size, SESSION)
    sessions["person"] = sessions["device"] = person
    sessions["entry"] = 1
    sessions["is_treated"] = person % 2
    decide(1, 0, people, sessions)
    bought = sessions["depth"] == PURCHASE
    control, treated = (bought[person % 2 == arm].mean() for arm in (0, 1))
    effect = rates.EXPERIMENTS[0]["effect"]
    assert treated / control - 1 == pytest.approx(effect, abs=0.06)


def test_demand_follows_the_elasticity_of_the_category() -> None:
    catalogue = Catalogue(seed=1)
    available = np.ones(len(catalogue.product), dtype=bool)
    before = catalogue.purchase_weights(0, available)
    catalogue.price_cents = catalogue.base_cents * 2
    after = catalogue.purchase_weights(0, available)
    sold = before > 0
    change = np.log(after[sold] / before[sold]) / np.log(2)
    expected = rates.ELASTICITY[catalogue.category[catalogue.product]][sold]
    assert change == pytest.approx(expected)


def test_discounts_are_split_exactly() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(500), rng.integers(1, 6, 500))
    weight = rng.integers(1, 20_000, len(group))
    totals = np.bincount(group, weight).astype(np.int64) * 10 // 100
    parts = allocate(totals, group, weight)
    assert np.array_equal(np.bincount(group, parts).astype(np.int64), totals)
    assert np.abs(parts - totals[group] * weight / np.bincount(group, weight)[group]).max() < 1
