"""Ad platforms' own reports give the ad spend that they report, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from shoptrack.cli import app
from shoptrack.contract import UnknownTableError, adapter_tables, find_table
from shoptrack.demo import simulate
from shoptrack.demo.dialects.ads import NOT_CARRIED, PLATFORMS, platform_tables
from shoptrack.landing import land_file
from tests.python.test_published_figures import reference
from tests.python.warehouse import BuildError, Project, Warehouse

NewWarehouse = Callable[[], AbstractContextManager[Warehouse]]
LOADED_AT = datetime(2025, 6, 1)
SPEND = ["stg_landing__files", "+int_ad_spend_converted"]
REJECTED = [*SPEND, "+fct_rejected_rows"]
IN_DOLLARS = {"reporting_currency": "USD"}
AMOUNTS = ("impressions", "clicks", "spend")

# Of each report: its level, and what its columns for account, campaign, ad group, ad, day,
# impressions, clicks and cost are called; blank where it has none.
REPORTS = {
    "google_ads": {
        "account_stats": ("account", "customer_id", "", "", ""),
        "campaign_stats": ("campaign", "customer_id", "id", "", ""),
        "ad_group_stats": ("ad_group", "customer_id", "campaign_id", "id", ""),
        "ad_stats": ("ad", "customer_id", "campaign_id", "split(ad_group, '/')[4]", "ad_id"),
    },
    "microsoft_ads": {
        f"{level}_performance_daily_report": (level, "account_id", *ids)
        for level, ids in {
            "account": ("", "", ""),
            "campaign": ("campaign_id", "", ""),
            "ad_group": ("campaign_id", "ad_group_id", ""),
            "ad": ("campaign_id", "ad_group_id", "ad_id"),
        }.items()
    },
    # All that is in the samples of Meta is a report of ads, each in one campaign.
    "facebook_ads": {"basic_ad": ("ad", "account_id", "ad_id", "ad_id", "ad_id")},
}
MEASURED = {
    "google_ads": ("impressions", "clicks", "cost_micros::decimal(18, 6) / 1000000"),
    "microsoft_ads": ("impressions", "clicks", "spend"),
    "facebook_ads": ("impressions", "inline_link_clicks", "spend"),
}


class Reported(NamedTuple):
    """What one row of a report says of one amount."""

    level: str
    account: str
    campaign: str
    ad_group: str
    day: str
    amount: Decimal


def sample(table: str) -> Path | None:
    """The sample of a raw table in the reference data, None where it has none of this table."""
    folder = reference("ad_platforms_raw")
    name = f"{table.replace('.', '_')}_data.csv"
    return next((file for file in (folder / name, folder / f"{name}.gz") if file.exists()), None)


def reported(platform: str, amount: str) -> list[Reported]:
    """What the sample reports of a platform say of an amount, row by row."""
    found = []
    for table, (level, *ids) in REPORTS[platform].items():
        columns = ", ".join(column or "''" for column in ids[:3])
        rows = duckdb.sql(
            f'select {columns}, "date", ({amount})::decimal(18, 6)'
            f" from read_csv('{sample(f'{platform}.{table}')}', all_varchar = true)"
        ).fetchall()
        found += [Reported(level, *row) for row in rows]
    return found


def counted_once(rows: Sequence[Reported]) -> Decimal:
    """The sum of an amount: of each campaign and ad group the most that is said of it.

    An account's own report counts on days for which there is no other of the account.
    """
    ads: dict[Any, Decimal] = defaultdict(Decimal)
    groups: dict[Any, Decimal] = defaultdict(Decimal)
    campaigns: dict[Any, Decimal] = defaultdict(Decimal)
    accounts: dict[Any, Decimal] = defaultdict(Decimal)
    by_level = {"account": accounts, "campaign": campaigns, "ad_group": groups, "ad": ads}
    for row in rows:
        key = (row.account, row.day, row.campaign, row.ad_group)
        size = {"account": 2, "campaign": 3}.get(row.level, 4)
        by_level[row.level][key[:size]] += row.amount
    for key in {*ads, *groups}:
        groups[key] = max(groups[key], ads[key])
    below: dict[Any, Decimal] = defaultdict(Decimal)
    for key, amount in groups.items():
        below[key[:3]] += amount
    for key in {*below, *campaigns}:
        campaigns[key] = max(campaigns[key], below[key])
    known = {key[:2] for key in campaigns}
    alone = sum(amount for key, amount in accounts.items() if key not in known)
    return sum(campaigns.values(), Decimal(alone))


def totals(warehouse: Warehouse, where: str = "true") -> tuple[Any, ...]:
    """Impressions, clicks and spend of the rows that a condition selects."""
    sums = ", ".join(f"coalesce(sum({amount}), 0)" for amount in AMOUNTS)
    [found] = warehouse.query(
        f"select {sums} from intermediate.int_ad_spend_converted where {where}"
    )
    return tuple(found)


def test_the_sample_reports_of_each_platform_are_counted_once(warehouse: Warehouse) -> None:
    for table in adapter_tables():
        if table.split(".")[0] in REPORTS and (file := sample(table)):
            land_file(warehouse.zone, table, file)
    warehouse.build(REJECTED, variables=IN_DOLLARS)
    for platform, measured in MEASURED.items():
        expected = tuple(counted_once(reported(platform, amount)) for amount in measured)
        assert min(expected) > 0
        found = totals(warehouse, f"platform = '{PLATFORMS[platform]}'")
        assert found[:2] == expected[:2], platform
        assert abs(found[2] - expected[2]) < Decimal("0.001"), platform
    assert warehouse.query("select * from marts.fct_rejected_rows") == []


def clean_spend(warehouse: Warehouse) -> pa.Table:
    """The newest good rows of the contract's own ad spend, as a warehouse has staged them."""
    columns = ", ".join(find_table("shop.ad_spend").column_names)
    with warehouse.connection() as connection:
        return connection.sql(
            f"select {columns} from staging.stg_shop__ad_spend where rejection_reason is null"
            " qualify row_number() over (partition by platform, campaign_id, ad_group_id, ad_id,"
            " spend_date, country order by _loaded_at desc, _source_file desc, _source_row desc)"
            " = 1"
        ).to_arrow_table()


@pytest.fixture(scope="module")
def demo(new_adapted: NewWarehouse) -> Iterator[Warehouse]:
    """A demo shop in the contract's own files, its campaign report built."""
    with new_adapted() as built:
        simulate(built.zone, days=24, visitors=900, seed=7)
        built.build(["stg_landing__files", "+rpt_campaign_daily"])
        yield built


def land_tables(
    warehouse: Warehouse, tables: dict[str, pa.Table], name: str = "e", hours: int = 0
) -> None:
    """Land raw tables, each as a file of this name, some hours after the first load."""
    for table, rows in tables.items():
        warehouse.land(table, rows, f"{name}.parquet", LOADED_AT + timedelta(hours=hours))


def test_reports_of_every_level_give_the_campaign_report_of_the_contracts_own_files(
    demo: Warehouse, warehouse: Warehouse
) -> None:
    files = [file for file in demo.landed() if file.parts[:2] != ("shop", "ad_spend")]
    warehouse.take(demo.zone, files)
    spend = clean_spend(demo)
    for adapter in ("google_ads", "facebook_ads", "microsoft_ads"):
        land_tables(warehouse, platform_tables(spend, adapter))
    warehouse.build(["stg_landing__files", "+rpt_campaign_daily"])
    report = "marts.rpt_campaign_daily"
    assert warehouse.query(f"select count(*) from {report} where spend > 0 and sessions > 0") > [
        (50,)
    ]
    assert warehouse.difference(demo, [report]) == ""


def relabelled(spend: pa.Table, platform: str) -> pa.Table:
    """All rows of ad spend as if one platform had sold it all."""
    names = pa.array([platform] * spend.num_rows)
    return spend.set_column(spend.column_names.index("platform"), "platform", names)


@pytest.mark.parametrize("adapter", PLATFORMS)
def test_each_platforms_reports_carry_every_column_but_those_that_are_listed(
    demo: Warehouse, warehouse: Warehouse, adapter: str
) -> None:
    spend = relabelled(clean_spend(demo), PLATFORMS[adapter])
    land_tables(warehouse, platform_tables(spend, adapter))
    warehouse.build(["stg_landing__files", "+stg_shop__ad_spend"])
    amounts = (*AMOUNTS, "platform_conversions", "platform_value")
    columns = [name for name in find_table("shop.ad_spend").column_names if name not in amounts]
    columns = [name for name in columns if name not in NOT_CARRIED["shop.ad_spend"]]
    sums = ", ".join(f"sum({amount}) as {amount}" for amount in amounts)
    query = f"select {', '.join(columns)}, {sums} from {{}} group by all order by all"
    with warehouse.connection() as connection:
        connection.register("contract", spend)
        expected = connection.sql(query.format("contract")).fetchall()
        found = connection.sql(query.format("staging.stg_shop__ad_spend")).fetchall()
    assert len(expected) > 200
    assert found == expected


# One campaign of two ad groups and three ads, on one day.
TREE = [
    {"ad_group_id": "g1", "ad_id": "a1", "impressions": 50, "clicks": 5, "spend": "1.25"},
    {"ad_group_id": "g1", "ad_id": "a2", "impressions": 30, "clicks": 3, "spend": "0.75"},
    {"ad_group_id": "g2", "ad_id": "a3", "impressions": 20, "clicks": 2, "spend": "2.10"},
]
LEVELS = {"account": "account_stats", "campaign": "campaign_stats", "ad_group": "ad_group_stats"}
LEVELS["ad"] = "ad_stats"


def tree(day: str, platform: str = "google_ads") -> pa.Table:
    """The campaign's rows of shop.ad_spend on a day."""
    common = {"platform": platform, "campaign_id": "c", "spend_date": day, "country": "DE"}
    common |= {"currency": "USD", "campaign_name": "Spring", "utm_source": "google"}
    common |= {"utm_medium": "cpc", "utm_campaign": "spring"}
    common |= {"platform_conversions": "1", "platform_value": "10"}
    return pa.Table.from_pylist([{**common, **row} for row in TREE])


@pytest.mark.parametrize("lost_ads", [0, 1], ids=["all ads", "an ad that is deleted"])
def test_any_choice_of_levels_counts_a_day_once(warehouse: Warehouse, lost_ads: int) -> None:
    """Every choice of levels on a day of its own, so that one build tells of all."""
    days: dict[str, set[str]] = {}
    for number in range(1, 16):
        chosen = {level for bit, level in enumerate(LEVELS) if number & 1 << bit}
        if lost_ads and chosen == {"ad"}:
            continue  # nothing says what the deleted ad spent
        day = f"2025-05-{number:02d}"
        days[day] = chosen
        tables = platform_tables(tree(day), "google_ads")
        tables["google_ads.ad_stats"] = tables["google_ads.ad_stats"].filter(
            pa.compute.field("ad_id") != ("a3" if lost_ads and len(chosen) > 1 else "")
        )
        chosen_tables = {f"google_ads.{LEVELS[level]}" for level in chosen}
        kept = {name: rows for name, rows in tables.items() if name in chosen_tables}
        land_tables(warehouse, kept, day)
    warehouse.build(SPEND)
    for day, chosen in days.items():
        is_lost = lost_ads and not chosen & {"ad_group", "campaign"} and "ad" in chosen
        expected = (80, 8, Decimal("2.0000")) if is_lost else (100, 10, Decimal("4.1000"))
        assert totals(warehouse, f"spend_date = '{day}'") == expected, chosen


@pytest.mark.parametrize("adapter", sorted(PLATFORMS))
def test_levels_are_compared_also_where_the_history_of_campaigns_is_missing(
    warehouse: Warehouse, adapter: str
) -> None:
    tables = platform_tables(tree("2025-05-01", PLATFORMS[adapter]), adapter)
    tables.pop(f"{adapter}.campaign_history")
    land_tables(warehouse, tables, "2025-05-01")
    warehouse.build(SPEND, variables=IN_DOLLARS)
    assert totals(warehouse) == (100, 10, Decimal("4.1000"))


def stats(clicks: int, cost: str, day: str = "2025-05-01", **more: Any) -> dict[str, Any]:
    """A row of google_ads.campaign_stats."""
    row = {"customer_id": "1", "id": "c", "date": day, "device": "MOBILE", "impressions": "100"}
    return {**row, "clicks": str(clicks), "cost_micros": cost, **more}


def test_late_repeated_and_restated_files_in_any_order_give_one_result(
    new_adapted: NewWarehouse,
) -> None:
    first = [
        stats(1, "1000000"),
        stats(2, "2000000", device="DESKTOP"),
        stats(3, "3", "2025-05-02"),
    ]
    restated = [stats(4, "4500001"), stats(1, "1", "2025-05-02")]
    ad = {"customer_id": "1", "campaign_id": "c", "ad_group_id": "g", "ad_id": "a"}
    ad |= {"date": "2025-05-01", "cost_micros": "1000001", "clicks": "1"}
    names = [
        {"id": "c", "name": "New", "updated_at": "2025-05-10 1:00:00"},
        {"id": "c", "name": "Old", "updated_at": "2025-05-09T23:00:00.5"},
    ]
    loads = [
        ("google_ads.campaign_stats", first),
        ("google_ads.campaign_stats", restated),
        ("google_ads.campaign_stats", [stats(7, "70000", "2025-04-01", id="d")]),
        ("google_ads.ad_stats", [ad]),
        ("google_ads.campaign_history", names),
    ]
    with new_adapted() as at_once, new_adapted() as piecemeal:
        for hour, (table, rows) in enumerate(loads):
            at_once.land(table, rows, f"{hour}.csv", LOADED_AT + timedelta(hours=hour))
        at_once.build(SPEND)
        for built, hour in enumerate((4, 1, 3, 2, 0)):
            table, rows = loads[hour]
            piecemeal.land(table, rows, f"{hour}.csv", LOADED_AT + timedelta(hours=hour))
            if built in (2, 4):
                piecemeal.build(SPEND)
        again = piecemeal.land(*loads[0], "again.csv", LOADED_AT + timedelta(days=1))
        assert not again.is_new
        assert piecemeal.difference(at_once, ["intermediate.int_ad_spend_converted"]) == ""
        assert totals(at_once) == (400, 14, Decimal("6.5700"))
        campaigns = "select distinct raw_campaign from intermediate.int_ad_spend_converted"
        assert set(at_once.query(campaigns)) == {("new",), ("d",)}


def test_rows_that_cannot_be_used_are_rejected_under_the_name_of_their_report(
    warehouse: Warehouse,
) -> None:
    warehouse.land(
        "google_ads.campaign_stats",
        [
            stats(1, "1000000"),
            stats(2, "much"),
            stats(3, "-5000000"),
            stats(4, "4000000", day="2025-02-30"),
            stats(5, "5000000", id=" "),
        ],
        "google.csv",
        LOADED_AT,
    )
    meta = {"date": "2025-05-01", "inline_link_clicks": "1", "impressions": "9"}
    ads = [{**meta, "ad_id": ad, "spend": "1.5"} for ad in ("known", "unknown", "broken")]
    warehouse.land("facebook_ads.basic_ad", ads, "meta.csv", LOADED_AT)
    history = [{"id": ad, "ad_set_id": "s", "campaign_id": "m"} for ad in ("known", "broken")]
    warehouse.land("facebook_ads.ad_history", history, "ads.csv", LOADED_AT)
    action = {"ad_id": "broken", "date": "2025-05-01", "action_type": "purchase", "value": "two"}
    warehouse.land("facebook_ads.basic_ad_actions", [action], "actions.csv", LOADED_AT)
    warehouse.build(REJECTED)
    assert totals(warehouse, "platform = 'google_ads'") == (100, 1, Decimal("1.0000"))
    assert totals(warehouse, "platform = 'meta_ads'") == (9, 1, Decimal("1.5000"))
    query = "select source_table, source_row, reason from marts.fct_rejected_rows order by all"
    assert warehouse.query(query) == [
        ("facebook_ads.basic_ad", 2, "campaign_id is missing"),
        ("facebook_ads.basic_ad", 3, "platform_conversions is not a number"),
        ("google_ads.campaign_stats", 2, "spend is not a number"),
        ("google_ads.campaign_stats", 3, "spend is negative"),
        ("google_ads.campaign_stats", 4, "spend_date is not a date"),
        ("google_ads.campaign_stats", 5, "campaign_id is missing"),
    ]
    [(raw,)] = warehouse.query("select raw from marts.fct_rejected_rows where reason like '%neg%'")
    assert '"cost_micros":"-5000000"' in raw

    late = [{"id": "unknown", "ad_set_id": "s", "campaign_id": "m"}]
    warehouse.land("facebook_ads.ad_history", late, "late.csv", LOADED_AT)
    warehouse.build(REJECTED)
    assert totals(warehouse, "platform = 'meta_ads'") == (18, 2, Decimal("3.0000"))


def test_adapters_and_the_contracts_own_files_add_up(warehouse: Warehouse) -> None:
    land_tables(warehouse, platform_tables(tree("2025-05-01"), "google_ads"))
    warehouse.land("shop.ad_spend", relabelled(tree("2025-05-01"), "radio"), "own.csv", LOADED_AT)
    warehouse.build(SPEND, variables=IN_DOLLARS)
    assert totals(warehouse, "platform = 'radio'") == totals(warehouse, "platform = 'google_ads'")
    assert totals(warehouse) == (200, 20, Decimal("8.2000"))


def test_what_the_shop_wrote_itself_of_a_platforms_day_is_not_counted_twice(
    warehouse: Warehouse,
) -> None:
    for day in ("2025-05-01", "2025-05-02"):
        land_tables(warehouse, platform_tables(tree(day), "google_ads"), name=day)
    warehouse.land("shop.ad_spend", tree("2025-05-02"), "own.csv", LOADED_AT)
    warehouse.build(REJECTED, variables=IN_DOLLARS)
    assert totals(warehouse) == (200, 20, Decimal("8.2000"))
    assert totals(warehouse, "country = 'DE'") == (100, 10, Decimal("4.1000"))
    query = "select distinct source_table, reason from marts.fct_rejected_rows"
    [(table, reason)] = warehouse.query(query)
    assert (table, reason) == ("google_ads.ad_stats", "shop.ad_spend has this platform and day")


def test_placeholders_of_the_platforms_are_filled_in_as_they_fill_them(
    warehouse: Warehouse,
) -> None:
    campaign = {"id": "7", "name": "Summer Sale", "updated_time": "2025-01-01"}
    warehouse.land("facebook_ads.campaign_history", [campaign], "campaigns.csv", LOADED_AT)
    ad = {"id": "a", "ad_set_id": "s", "campaign_id": "7", "creative_id": "c"}
    warehouse.land("facebook_ads.ad_history", [ad], "ads.csv", LOADED_AT)
    tags = "utm_source=fb&utm_medium=%7B%7Bcampaign.id%7D%7D&utm_campaign=x_{{campaign.name}}"
    creative = [{"id": "c", "url_tags": tags}]
    warehouse.land("facebook_ads.creative_history", creative, "creatives.csv", LOADED_AT)
    spend = [{"ad_id": "a", "date": "2025-05-01", "spend": "1"}]
    warehouse.land("facebook_ads.basic_ad", spend, "spend.csv", LOADED_AT)
    ad = {"ad_id": "a", "adgroup_id": "g", "campaign_id": "8", "advertiser_id": "x"}
    ad |= {"landing_page_url": "https://shop.example/?utm_campaign=__CAMPAIGN_ID__"}
    warehouse.land("tiktok_ads.ad_history", [ad], "ads.csv", LOADED_AT)
    spend = [{"ad_id": "a", "stat_time_day": "2025-05-01 0:00:00", "spend": "1"}]
    warehouse.land("tiktok_ads.ad_report_daily", spend, "spend.csv", LOADED_AT)
    warehouse.build(SPEND)
    query = "select platform, raw_source, raw_campaign from intermediate.int_ad_spend_converted"
    assert sorted(warehouse.query(query)) == [
        ("meta_ads", "fb", "x_summer sale"),
        ("tiktok_ads", "(not set)", "8"),
    ]


def test_the_adapters_unit_tests_pass(warehouse: Warehouse) -> None:
    models = [f"path:models/staging/{adapter}" for adapter in PLATFORMS]
    warehouse.build(["stg_landing__files", *(f"+{model}" for model in models)])
    assert warehouse.run_unit_tests(models) >= 12


def test_a_name_that_is_no_adapter_is_answered_with_the_names(tmp_path: Path) -> None:
    with pytest.raises(
        BuildError, match=r"adapters names google; there are .*google_ads, facebook"
    ):
        Project.parse(tmp_path, {"adapters": ["google"]})


def test_landing_for_an_adapter_that_is_off_says_how_to_turn_it_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_LANDING", str(tmp_path / "zone"))
    file = tmp_path / "ads.csv"
    file.write_text("ad_id,stat_time_day,spend,likes\n1,2025-05-01,2,3\n", encoding="utf-8")
    runner = CliRunner()
    off = runner.invoke(app, ["land", "tiktok_ads.ad_report_daily", str(file)])
    assert off.exit_code == 0
    assert "1 rows of tiktok_ads.ad_report_daily" in off.output
    assert "kept 1 column that the adapter does not know: likes" in off.output
    assert "the adapter tiktok_ads is off, so no build reads this: add tiktok_ads" in off.output
    monkeypatch.setattr("shoptrack.contract.chosen_adapters", lambda: ("tiktok_ads",))
    on = runner.invoke(app, ["land", "tiktok_ads.ad_report_daily", str(file)])
    assert (on.exit_code, "is off" in on.output) == (0, False)


def test_a_report_that_no_adapter_reads_is_answered_with_those_that_are_read() -> None:
    hints = {
        "google_ads.zzz": "the adapter google_ads reads google_ads.account_stats, google_ads.camp",
        "google_ads.campain_stats": "did you mean google_ads.campaign_stats",
        "shop.order": "did you mean shop.orders",
        "zzz": "and those of the adapters facebook_ads, ga4, google_ads, microsoft_ads",
    }
    for name, hint in hints.items():
        with pytest.raises(UnknownTableError, match=hint.replace(".", r"\.")):
            find_table(name)
