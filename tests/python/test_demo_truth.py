"""The marts of the demo shop give back what the simulator drew: exactly what it counted, and the
rates it drew from within their sampling error."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shoptrack.demo import simulate
from shoptrack.demo.catalogue import Catalogue
from shoptrack.statistics.customer_value import BgNbd, Histories
from tests.python.warehouse import Project, Warehouse

DAYS = 90
VISITORS = 9_000
SEEDS = (7, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (11, 23)))
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


def test_purchase_rates_and_drop_out_are_within_their_sampling_error(demo: Demo) -> None:
    fitted = demo.warehouse.query(
        "select log_likelihood from intermediate.int_customer_value_models_fitted"
        " where cutoff = 'now'"
    )[0][0]
    histories, _, _ = _histories(demo, "now")

    def chance(rate_factor: float) -> float:
        # Wilks: twice the gain over the truth is χ² with 4 degrees of freedom. All parameters at
        # once, since in 90 days one can stand in for another.
        truth = replace(_repeat_buying(demo), alpha=_repeat_buying(demo).alpha / rate_factor)
        gain = 2 * (fitted - truth.log_likelihood_of(histories))
        assert gain > 0
        return float(stats.chi2.sf(gain, 4))

    assert chance(1.0) > SMALLEST_P
    assert chance(2.0) < SMALLEST_P, "the data cannot tell the truth from twice the rate"


def test_lost_customers_of_the_hold_out_are_within_their_sampling_error(demo: Demo) -> None:
    lost, predicted, customers = demo.warehouse.query(
        "select sum(lost_customers), sum(predicted_lost_customers), sum(customers)"
        " from marts.rpt_churn_calibration"
    )[0]
    histories, index, horizon = _histories(demo, "holdout")
    chances = _repeat_buying(demo).p_no_purchase(histories, horizon)[index]
    assert customers == len(chances)
    error = np.sqrt((chances * (1 - chances)).sum())
    assert 2 * stats.norm.sf(abs(lost - chances.sum()) / error) > SMALLEST_P
    # The fit, to as many customers as are predicted, errs about as much as their luck does.
    assert abs(predicted - chances.sum()) < 3 * np.sqrt(2) * error


def _repeat_buying(demo: Demo) -> BgNbd:
    repeat = demo.parameters["repeat_buying"]
    return BgNbd(repeat["r"], repeat["alpha"], repeat["a"], repeat["b"])


def _histories(demo: Demo, cutoff: str) -> tuple[Histories, Any, float]:
    """Histories in days, each customer's index in them, and the days that are predicted."""
    rows = demo.warehouse.query(
        "select frequency, recency_days, age_days, horizon_days"
        f" from intermediate.int_customer_purchases_summarized where cutoff = '{cutoff}'"
    )
    x, recency, age, horizon = np.array(rows, dtype=np.float64).T
    histories, index = Histories.grouped(x, recency, age)
    return histories, index, float(horizon[0])


def test_the_price_elasticity_of_each_category_is_within_its_sampling_error(demo: Demo) -> None:
    rows = demo.warehouse.query(
        "select category, elasticity, standard_error"
        " from intermediate.int_price_elasticities_estimated where estimate_level = 'category'"
    )
    assert len(rows) == 6
    truths = {name: each["elasticity"] for name, each in demo.parameters["categories"].items()}
    errors = np.array([found - truths[category] for category, found, _ in rows])
    weights = np.array([error**-2 for _, _, error in rows])
    assert (np.abs(errors) * np.sqrt(weights)).max() < 4
    assert abs(errors @ weights) / np.sqrt(weights.sum()) < 3.5  # all categories together


def test_promotions_lift_sales_as_elasticity_and_promotion_were_drawn(demo: Demo) -> None:
    rows = demo.warehouse.query(
        "select category, matched.units, baseline_units, matched.baseline_price, daily.price"
        " from intermediate.int_discount_days_matched as matched"
        " join intermediate.int_prices_daily as daily"
        " on daily.variant_id = series_id and daily.price_date = sales_date"
        " where subject_kind = 'product' and day_kind = 'discounted' and baseline_units is not null"
    )
    expected = sum(
        float(baseline)
        * (float(price) / float(usual)) ** demo.parameters["categories"][category]["elasticity"]
        * np.exp(demo.parameters["promotion_lift_log"])
        for category, _, baseline, usual, price in rows
    )
    sold = sum(row[1] for row in rows)
    baseline = float(sum(row[2] for row in rows))
    # The baseline rests on about four days for one, and is drawn too.
    assert abs(sold - expected) < 4 * np.sqrt(expected + expected**2 / (4 * baseline))
    assert sold > 1.3 * baseline


def test_experiments_hold_the_units_and_conversions_that_were_drawn(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select experiment_id, variant, units, value_sum from marts.rpt_experiment_results"
        " where metric = 'purchase_conversion' and is_primary_metric and mixed_units = 0"
    )
    drawn = [
        (name, variant, counts["units"], counts["units_with_purchase_event_in_time"])
        for name, variants in demo.realised["experiments"].items()
        for variant, counts in variants.items()
    ]
    assert sorted(found) == sorted(drawn)


def test_experiments_recover_their_effect_and_alarm_where_exposures_were_lost(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select experiment_id, difference, (difference_ci_high - difference_ci_low) / 2 / 1.959964,"
        " value - difference, srm_p_value, has_srm, is_significant"
        " from marts.rpt_experiment_results"
        " where metric = 'purchase_conversion' and not is_control"
    )
    assert len(found) == len(demo.parameters["experiments"])
    for name, difference, error, control, srm_p_value, has_srm, is_significant in found:
        drawn = demo.parameters["experiments"][name]
        # The effect acts on prospects' sessions: on units it is smaller, and never negative.
        highest = drawn["relative_effect_on_conversion"] * control
        nearest = min(max(difference, 0.0), highest)
        assert 2 * stats.norm.sf(abs(difference - nearest) / error) > SMALLEST_P
        if drawn["lost_exposures_of_treatment"]:
            assert has_srm
            assert not is_significant
        else:
            assert srm_p_value > SMALLEST_P


def test_funnels_reach_what_walking_through_the_events_one_by_one_reaches(demo: Demo) -> None:
    steps = demo.warehouse.query("select * from seeds.funnels order by funnel_name, step_number")
    found = demo.warehouse.query(
        "select funnel_name, step_number, sum(reached) from marts.rpt_custom_funnel_daily"
        " group by 1, 2 order by 1, 2"
    )
    events = demo.warehouse.query(
        "select sessions.session_id, coalesce(sessions.customer_id, sessions.visitor_id),"
        " events.event_at, events.event_name, events.page_path"
        " from intermediate.int_events_sessionized as events"
        " join marts.fct_sessions as sessions using (visitor_id, session_start_at)"
        " where not sessions.is_bot order by events.event_at, events.event_id"
    )
    walked = Counter[tuple[str, int]]()
    for name, rows in groupby(steps, key=lambda row: row[0]):
        walked.update({(name, number): count for number, count in _walk(list(rows), events)})
    entrants = {(name, step): reached for name, step, reached in found}
    assert entrants == dict(walked)
    assert len(entrants) == len(steps)


def _walk(steps: list[Any], events: list[Any]) -> list[tuple[int, int]]:
    """(Step number, entrants that reached it) of one funnel, by one pass over ordered events."""
    _, _, _, _, _, scope, window_hours = steps[0]
    window = timedelta(hours=window_hours) if window_hours else timedelta.max
    entered: dict[str, datetime] = {}
    reached = Counter[str]()
    for session_id, person, at, event_name, path in events:
        entrant = session_id if scope == "session" else person
        if at - entered.get(entrant, at) > window or reached[entrant] == len(steps):
            continue
        _, _, _, wanted, pattern, _, _ = steps[reached[entrant]]
        if event_name == wanted and (pattern is None or re.search(pattern, path or "")):
            entered.setdefault(entrant, at)
            reached[entrant] += 1
    depths = Counter(reached.values())
    return [
        (number, sum(count for depth, count in depths.items() if depth >= number))
        for number in range(1, len(steps) + 1)
    ]


def test_last_touches_are_the_sessions_that_were_drawn_to_buy(demo: Demo) -> None:
    rows = demo.warehouse.query(
        "select channel, sum(credit) from marts.fct_attribution"
        " where attribution_model = 'last' group by 1"
    )
    drawn = demo.realised["sessions"]["with_purchase_event_by_channel"]
    differences = [count - float(dict(rows).get(channel, 0)) for channel, count in drawn.items()]
    # Voided orders are no sales. A session on a second device may begin just before a purchase.
    voided = demo.realised["orders"]["voided"]
    assert 0 <= sum(differences) <= voided
    assert sum(map(abs, differences)) <= voided + 4


def test_markov_credits_follow_removal_effects_and_these_the_drawn_conversion(demo: Demo) -> None:
    credits = demo.warehouse.query(
        "select sum(credit), max(share) * (select sum(credit) from marts.fct_attribution"
        " where attribution_model = 'markov')"
        " from marts.fct_attribution as credits"
        " join intermediate.int_touch_groups_credited as effects"
        " on channel = touch_group and credits.attribution_model = effects.attribution_model"
        " where credits.attribution_model = 'markov' group by channel"
    )
    assert len(credits) == len(demo.parameters["channels"]["first_visit_shares"])
    assert all(abs(float(credit) - share) < 0.5 for credit, share in credits)
    # An effect holds the reach of a channel; beside the part of lost journeys that touched it, it
    # shows how well the channel converts.
    rows = demo.warehouse.query(
        "select touch_group, effect / (select avg(case when contains(path, touch_group) then 1.0"
        " else 0 end) from marts.fct_journeys where not is_converted)"
        " from intermediate.int_touch_groups_credited where attribution_model = 'markov'"
    )
    rates = demo.parameters["conversion_of_a_prospects_session"]["by_channel"]
    drawn = [rates[channel] for channel, _ in rows]
    order = stats.spearmanr(drawn, [float(effect) for _, effect in rows]).statistic
    assert order > 0.6


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


def test_carts_are_those_that_were_drawn(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select count(*), count(purchased_at), count(*) filter (where cart_state = 'emptied'),"
        " count(*) filter (where cart_state = 'abandoned' and purchased_at is not null)"
        " from marts.fct_carts"
    )
    carts = demo.realised["carts"]
    late = carts["bought_after_more_than_24_hours_idle"]
    assert [row[:3] for row in found] == [(carts["started"], carts["bought"], carts["emptied"])]
    # The simulator looks at the last rest before the purchase only, and counts it by sessions.
    assert late <= found[0][3] <= 1.1 * late + 3


def test_a_cart_that_was_bought_at_once_held_what_was_ordered(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select count(*) filter (where carts.item_count <> units), count(*) > 300"
        " from marts.fct_carts as carts join (select cart_id, sum(quantity) as units"
        " from marts.fct_orders join marts.fct_order_lines using (order_id) group by 1)"
        " using (cart_id) where carts.cart_state = 'purchased'"
    )
    assert found == [(0, True)]


def test_bought_carts_with_a_reminder_are_those_that_were_drawn(demo: Demo) -> None:
    # Whatever the hour: who is drawn to be reminded may buy that morning, before the mail is sent.
    found = demo.warehouse.query(
        "select count(*) from marts.fct_carts where purchased_at is not null and cart_id in"
        " (select cart_id from staging.stg_shop__messages where rejection_reason is null)"
    )
    assert found == [(demo.realised["carts"]["bought_after_reminder"],)]


def test_held_out_carts_and_the_effect_of_reminders_are_found_again(demo: Demo) -> None:
    reminders = demo.parameters["cart_reminders"]
    [(reminded, others, recovered, low, high)] = demo.warehouse.query(
        "select reminded_carts, other_carts, other_recovered_carts, ci_low, ci_high"
        " from marts.rpt_cart_reminder_effect"
    )
    sent = reminders["sent"]
    assert _is_plausible(others, reminded + others, 1 - sent - 0.02, 1 - sent + 0.02)
    held_out = demo.realised["carts"]["bought_after_being_held_out"]
    assert _is_plausible(recovered, others, 0, 2 * held_out / others)
    # Who clicks comes back and buys at a rate of its own, unless he was a buyer before.
    after = demo.parameters["conversion_of_a_prospects_session"]["after_cart_reminder"]
    effect, error = (low + high) / 2, (high - low) / 2 / 1.959964
    deviation = (float(effect) - reminders["clicked"] * after) / float(error)
    assert 2 * stats.norm.sf(abs(deviation)) > SMALLEST_P


def test_stock_out_days_are_those_that_were_drawn(demo: Demo) -> None:
    found = demo.warehouse.query(
        "select count(*) from intermediate.int_stock_days_opened"
        " where on_hand <= 0 and location_id = 'central'"
    )
    assert found == [(demo.realised["inventory"]["stock_out_days_central"],)]


def test_demand_of_days_without_stock_is_nearer_to_what_was_wanted_than_sales_are(
    demo: Demo,
) -> None:
    rows = demo.warehouse.query(
        "select variant_id, sum(units), sum(demand) from intermediate.int_demand_days_corrected"
        " where is_stocked_out group by 1"
    )
    drawn = demo.realised["inventory"]["wanted_on_empty_days"]
    wanted = np.array([drawn[row[0]] / 1000 for row in rows])
    units, demand = np.array([row[1:] for row in rows], dtype=float).T
    assert len(rows) > 20
    assert demand.sum() == pytest.approx(wanted.sum(), rel=0.25)
    assert np.abs(demand - wanted).sum() < 0.6 * np.abs(units - wanted).sum()


def test_page_loops_are_those_of_walking_through_the_page_views(demo: Demo) -> None:
    page_views = demo.warehouse.query(
        "select sessions.session_id, events.page_path"
        " from intermediate.int_events_sessionized as events"
        " join marts.fct_sessions as sessions using (visitor_id, session_start_at)"
        " where not sessions.is_bot and events.event_name = 'page_view'"
        " and events.page_path is not null"
        " order by sessions.session_id, events.event_at, events.event_id"
    )
    loops, sessions = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for _, rows in groupby(page_views, key=lambda row: row[0]):
        stops = [page for page, _ in groupby(row[1] for row in rows)]
        steps = zip(stops, stops[1:], stops[2:], strict=False)
        found = [(start, over) for start, over, end in steps if end == start]
        loops.update(found)
        sessions.update(set(found))
    counted = demo.warehouse.query(
        "select from_page, to_page, sum(loops), sum(loop_sessions)"
        " from marts.rpt_page_transitions_daily group by 1, 2 having sum(loops) > 0"
    )
    assert {(a, b): count for a, b, count, _ in counted} == dict(loops)
    assert {(a, b): count for a, b, _, count in counted} == dict(sessions)
    assert loops.total() > 100


def test_people_browse_what_counting_their_product_views_one_by_one_finds(demo: Demo) -> None:
    views = demo.warehouse.query(
        "select coalesce('customer:' || sessions.customer_id, 'visitor:' || sessions.visitor_id),"
        " sessions.session_id, products.category"
        " from intermediate.int_products_viewed as views"
        " join marts.fct_sessions as sessions using (visitor_id, session_start_at)"
        " join marts.dim_products as products on views.item_id = products.variant_id order by 1"
    )
    counted = []
    for person, group in groupby(views, key=lambda row: row[0]):
        rows = list(group)
        categories = Counter(category for _, _, category in rows)
        main = min(categories, key=lambda category: (-categories[category], category))
        sessions = {session_id for _, session_id, _ in rows}
        counted.append((person, main, categories.total(), len(sessions)))
    found = demo.warehouse.query(
        "select person_key, main_browsed_category, product_views, browsing_sessions"
        " from marts.fct_browsing_segments order by 1"
    )
    assert found == counted
    assert len(found) > 1_000
