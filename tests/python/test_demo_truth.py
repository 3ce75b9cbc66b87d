"""The marts of the demo shop give back what the simulator drew: exactly what it counted, and the
rates it drew from within their sampling error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shoptrack.demo import simulate
from shoptrack.demo.catalogue import Catalogue
from tests.python.warehouse import Project, Warehouse

DAYS = 90
VISITORS = 9_000
SEEDS = (7, 11, 23)
# Three seeds with tens of comparisons each: by chance a run in some ten thousand fails.
SMALLEST_P = 1e-6
LONGEST_WAIT_FOR_A_REFUND_DAYS = 26


@dataclass(frozen=True)
class Demo:
    """A built demo shop and the truth behind it."""

    warehouse: Warehouse
    parameters: dict[str, Any]
    realised: dict[str, Any]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def demo(
    request: pytest.FixtureRequest,
    parsed_project: Project,
    tmp_path_factory: pytest.TempPathFactory,
) -> Demo:
    """A demo shop of one seed."""
    folder: Path = tmp_path_factory.mktemp("demo")
    warehouse = Warehouse(parsed_project, folder)
    simulate(warehouse.zone, days=DAYS, visitors=VISITORS, seed=request.param)
    warehouse.build()
    truth = json.loads((warehouse.zone / "truth.json").read_text(encoding="utf-8"))
    return Demo(warehouse, truth["parameters"], truth["realised"])


def test_sessions_are_those_that_were_drawn(demo: Demo) -> None:
    counts = demo.warehouse.query(
        "select count(*), count(*) filter (where not is_bot), sum(event_count),"
        " count(*) filter (where not is_bot and page_view_count = 1) from marts.fct_sessions"
    )
    sessions = demo.realised["sessions"]
    drawn = (sessions["all"], sessions["human"], demo.realised["events"]["all"])
    assert counts == [(*drawn, sessions["with_one_page_view"])]


def test_sessions_of_each_day_and_channel_are_those_that_were_drawn(demo: Demo) -> None:
    by_date = demo.warehouse.query(
        "select cast(report_date as varchar), sum(sessions) from marts.rpt_traffic_daily group by 1"
    )
    by_channel = demo.warehouse.query(
        "select channel, sum(sessions), sum(purchase_sessions)"
        " from marts.rpt_traffic_daily group by 1"
    )
    sessions = demo.realised["sessions"]
    assert dict(by_date) == sessions["by_start_date_utc"]
    assert {channel: count for channel, count, _ in by_channel} == sessions["by_channel"]
    purchases = {channel: count for channel, _, count in by_channel}
    assert purchases == sessions["with_purchase_event_by_channel"]


def test_every_landed_event_is_stored_a_duplicate_or_rejected(demo: Demo) -> None:
    dirt = demo.realised["dirt"]
    duplicates = dirt["duplicates"]["web.events"]
    rejected = sum(dirt["bad_rows"]["web.events"].values())
    found = demo.warehouse.query(
        "select sum(duplicate_events), sum(rejected_events), sum(loaded_events)"
        " from marts.rpt_data_quality_daily"
    )
    landed = demo.realised["rows_landed"]["web.events"]
    assert found == [(duplicates["same_load"] + duplicates["later_load"], rejected, landed)]


def test_money_is_that_of_the_orders_that_were_drawn(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select currency, sum(orders), round(sum(gross_sales) * 100),"
        " round(sum(returns) * 100), round(sum(shipping) * 100)"
        " from marts.rpt_sales_daily group by 1 order by 1"
    )
    drawn = []
    for currency, kinds in sorted(demo.realised["sales"].items()):
        added, included = kinds["taxes_added"], kinds["taxes_included"]
        gross = added["gross_cents"] + included["gross_cents"] - included["tax_cents"]
        returns = sum(
            kind["refund_cents"] + kind["cancelled_without_refund_cents"] for kind in kinds.values()
        )
        orders = added["orders"] + included["orders"]
        drawn.append((currency, orders, gross, returns))
    assert [row[:4] for row in found] == drawn


def test_customers_are_those_that_were_drawn(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select count(*) filter (where order_count > 0), count(*) filter (where order_count > 1)"
        " from marts.dim_customers"
    )
    people = demo.realised["people"]
    assert found == [(people["buyers_with_account"], people["repeat_buyers_with_account"])]
    shared = demo.warehouse.query("select count(*) from marts.dim_visitors where is_shared_device")
    assert shared == [(people["shared_devices"],)]


def test_channel_shares_of_first_sessions_are_within_their_sampling_error(demo: Demo) -> None:
    shares = demo.parameters["channels"]["first_visit_shares"]
    counts = dict(
        demo.warehouse.query(
            "select channel, count(*) from marts.fct_sessions"
            " where is_first_session and not is_bot group by 1"
        )
    )
    assert set(counts) <= set(shares)
    total = sum(counts.values())
    # A second device and a shared one begin with a later visit of their person: a few percent.
    for channel, share in shares.items():
        later = demo.parameters["channels"]["later_visit_shares"][channel]
        low, high = sorted((share, 0.95 * share + 0.05 * later))
        assert _is_plausible(counts.get(channel, 0), total, low, high), channel


def test_conversion_of_first_sessions_is_within_its_sampling_error(demo: Demo) -> None:
    conversion = demo.parameters["conversion_of_a_prospects_session"]
    rows = demo.warehouse.query(
        "select channel, device_category, count(*), count(*) filter (where has_purchase)"
        " from marts.fct_sessions where is_first_session and not is_bot group by 1, 2"
    )
    sessions = sum(row[2] for row in rows)
    purchases = sum(row[3] for row in rows)
    base = sum(
        conversion["by_channel"][channel] * conversion["device_factor"][device] * count
        for channel, device, count, _ in rows
    )
    tracked = 1 - demo.parameters["untracked_purchases"]
    effect = max(
        experiment["relative_effect_on_conversion"]
        for experiment in demo.parameters["experiments"].values()
    )
    highest = base * (1 + effect) * conversion["coupon_campaign_factor"]
    assert _is_plausible(purchases, sessions, base * tracked / sessions, highest / sessions)


def test_share_of_repeat_buyers_is_within_its_sampling_error(demo: Demo) -> None:
    repeat = demo.parameters["repeat_buying"]
    rows = demo.warehouse.query(
        "select order_count > 1, date_diff('second', first_order_at, (select max(last_order_at)"
        " from marts.dim_customers)) / 86400.0 from marts.dim_customers where order_count > 0"
    )
    days = np.array([float(row[1]) for row in rows])
    # Fader, Hardie and Lee 2005: P(X(t) = 0) = (alpha / (alpha + t)) ** r.
    chances = 1 - (repeat["alpha"] / (repeat["alpha"] + days)) ** repeat["r"]
    deviation = (sum(row[0] for row in rows) - chances.sum()) / np.sqrt(
        (chances * (1 - chances)).sum()
    )
    assert 2 * stats.norm.sf(abs(deviation)) > SMALLEST_P


def test_refund_rate_of_each_category_is_within_its_sampling_error(demo: Demo) -> None:
    rows = demo.warehouse.query(
        "select products.category, count(*), count(*) filter (where lines.returned_units > 0)"
        " from marts.fct_order_lines as lines"
        " join marts.fct_orders as orders using (order_id)"
        " join marts.dim_products as products on products.variant_id = lines.variant_id"
        " where lines.is_product and lines.is_sale and not orders.is_cancelled"
        f" and orders.order_date < date '2025-01-01' + {DAYS - LONGEST_WAIT_FOR_A_REFUND_DAYS}"
        " and orders.financial_status in ('paid', 'refunded', 'partially_refunded') group by 1"
    )
    assert len(rows) > 3
    for category, lines, refunded in rows:
        rate = demo.parameters["categories"][category]["refund_rate_per_line"]
        assert _is_plausible(refunded, lines, rate, rate), category


def test_partner_products_are_bought_together_more_than_any_others(demo: Demo) -> None:
    """Each jacket has a partner among the accessories; orders with both are few, and pooled."""
    partners = dict(Catalogue(seed=0).affinity_pairs())  # the same for every seed
    counts: dict[tuple[str, str], int] = {
        (one, other): orders
        for one, other, orders in demo.warehouse.query(
            "select product_id, other_product_id, orders_together"
            " from intermediate.int_product_pairs_counted"
        )
    }

    def lift(accessories: Sequence[str]) -> float:
        pairs = list(zip(partners, accessories, strict=True))
        expected = sum(counts.get((a, a), 0) * counts.get((b, b), 0) for a, b in pairs)
        return sum(counts.get(pair, 0) for pair in pairs) / expected

    lifts = {each: lift(each) for each in permutations(partners.values())}
    assert max(lifts, key=lambda each: lifts[each]) == tuple(partners.values())


def _is_plausible(successes: int, trials: int, low: float, high: float) -> bool:
    """Whether a count is plausible for some rate between `low` and `high` (exact binomial)."""
    if low <= successes / trials <= high:
        return True
    nearest = low if successes / trials < low else high
    return bool(stats.binomtest(successes, trials, nearest).pvalue > SMALLEST_P)
