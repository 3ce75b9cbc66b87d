"""What an operator relies on, with a real web server, daemon and dbt, and looks at, in a browser.

One file, so that all are about one shop: every run of it takes a minute. Pictures go to the folder
that SHOPTRACK_SCREENSHOTS names, to be looked at by a person.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.python.orchestration.conftest import Shop
from tests.python.orchestration.serving import ASSETS, FINISHED, Served, until

PURCHASES = "select count(*) from fct_sessions where has_purchase"
KILLED = {
    "worker": ("execute_run",),
    "dbt": ("shoptrack-dbt", "build"),
    "daemon": ("dagster._daemon", "run"),
    "webserver": ("dagster_webserver",),
    "code server": ("dagster", "code-server"),
}
CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
)
MILLISECONDS = 30_000
in_a_browser = pytest.mark.skipif(
    not CHROMIUM, reason="chromium is absent: apt-get install chromium"
)
RECOVERY_SECONDS = 120
READERS = 8
# Reads until its input ends; says how many answers it got, how many torn, first and last count.
READER = """
import duckdb, select, sys
first = last = None
answers = torn = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        orders, report, sessions = connection.execute(
            "select (select sum(gross_sales) from fct_orders where is_sale),"
            " (select sum(gross_sales) from rpt_sales_daily), (select count(*) from fct_sessions)"
        ).fetchall()[0]
    answers += 1
    torn += orders != report
    first, last = first or sessions, sessions
print(answers, torn, first, last)
"""


def drop(folder: Path, name: str, rows: list[dict[str, str]]) -> Path:
    """Put a CSV file into a folder of the inbox, as if it was complete for a while."""
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{name}"
    with hidden.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    earlier = time.time() - 60
    os.utime(hidden, (earlier, earlier))
    return hidden.rename(folder / name)


def purchase(event_id: str) -> dict[str, str]:
    """A purchase of a visitor of its own."""
    return {
        "event_id": event_id,
        "event_at": "2025-01-05 12:00:00",
        "event_name": "purchase",
        "visitor_id": f"visitor {event_id}",
    }


def ensure_published(served: Served) -> None:
    """Refresh once, where no test before did."""
    if not served.published.exists():
        assert served.finish(served.launch("refresh")) == "SUCCESS"


def test_a_run_makes_every_asset_with_every_check_evaluated(shop: Shop) -> None:
    served = shop.served
    run_id = served.launch("refresh_nightly")
    assert served.finish(run_id) == "SUCCESS"
    assets = served.ask(ASSETS)["assetNodes"]
    made = {
        "/".join(asset["assetKey"]["path"]): [m["runId"] for m in asset["assetMaterializations"]]
        for asset in assets
        if asset["isMaterializable"]
    }
    assert {name for name, runs in made.items() if runs != [run_id]} == set()
    declared = {
        (*asset["assetKey"]["path"], check["name"])
        for asset in assets
        for check in asset["assetChecksOrError"].get("checks", [])
    }
    evaluations = [
        event["evaluation"] for event in served.events(run_id, "AssetCheckEvaluationEvent")
    ]
    evaluated = {(*check["assetKey"]["path"], check["checkName"]) for check in evaluations}
    assert evaluated == declared
    assert len(declared) > 150
    assert [check for check in evaluations if not check["success"]] == []


# What an operator looks at


@pytest.fixture(scope="module")
def good_run(shop: Shop) -> str:
    """A good run of everything: the last one, or one that is made now."""
    for run in shop.served.runs("refresh_nightly"):
        if run["status"] == "SUCCESS":
            return str(run["runId"])
    run_id = shop.served.launch("refresh_nightly")
    assert shop.served.finish(run_id) == "SUCCESS"
    return run_id


@pytest.fixture
def page(shop: Shop) -> Iterator[Page]:
    """A page of the UI; what its console complains about fails the test."""
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_page(
            base_url=shop.served.address, viewport={"width": 1500, "height": 950}
        )
        page.set_default_timeout(MILLISECONDS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        browser.close()
    assert complaints == []


def see(page: Page, *texts: str) -> None:
    """Wait until texts are visible."""
    for text in texts:
        shown = page.get_by_text(text, exact=True).filter(visible=True).first
        expect(shown).to_be_visible(timeout=MILLISECONDS)


def is_switched(shop: Shop, wanted: bool) -> bool:
    """Whether the server has the hourly schedule on, or off, as wanted."""
    return shop.served.is_schedule_on("hourly_intraday") is wanted


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture for a person to look at."""
    folder = os.environ.get("SHOPTRACK_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(2000)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


@in_a_browser
def test_lineage_shows_the_subjects_and_leads_into_one(page: Page, good_run: str) -> None:
    page.goto("/asset-groups")
    see(page, "landing", "staging", "sessions", "traffic", "sales", "publishing", "exposures")
    assert page.get_by_text("Join the Dagster community").count() == 0
    keep_picture(page, "lineage")
    page.goto("/locations/shoptrack/asset-groups/traffic/lineage")
    see(page, "fct_sessions")
    keep_picture(page, "lineage_traffic")
    page.goto("/locations/shoptrack/asset-groups/funnel/list")  # the graph draws what fits
    for mart in ("fct_funnel_sessions", "rpt_funnel_daily"):
        link = page.locator(f'a[href*="/assets/marts/{mart}"]').first
        expect(link).to_be_visible(timeout=MILLISECONDS)
    keep_picture(page, "list_funnel")


@in_a_browser
def test_a_run_shows_its_steps_and_that_it_went_well(page: Page, good_run: str) -> None:
    page.goto(f"/runs/{good_run}")
    see(page, "Success", "dbt_build", "land_inbox", "published_copy", "dbt_unit_tests")
    keep_picture(page, "run")


@in_a_browser
def test_a_mart_shows_its_columns_rows_owner_and_checks(page: Page, good_run: str) -> None:
    page.goto("/assets/marts/fct_orders")
    see(page, "Row count", "data@example.com", "gross_sales", "sales")
    keep_picture(page, "mart")
    page.goto("/assets/marts/fct_orders?view=checks")
    see(page, "primary_key_fct_orders_v1_order_id", "Passed")
    keep_picture(page, "checks")


@in_a_browser
def test_the_published_copy_plots_the_headline_figures(page: Page, good_run: str) -> None:
    page.goto("/assets/published_copy?view=events")
    see(page, "gross sales", "session conversion rate", "rejected rows")
    keep_picture(page, "published_copy")


@in_a_browser
def test_schedules_and_sensors_can_be_switched(page: Page, shop: Shop, good_run: str) -> None:
    page.goto("/automation")
    see(page, "hourly_intraday", "nightly_full", "inbox_sensor", "failure_alerts", "check_alerts")
    keep_picture(page, "automation")
    row = page.locator("[class*=VirtualizedTable_row]").filter(has_text="hourly_intraday")
    label = row.locator("label[class*=formatSwitch]")  # the other checkbox selects the row
    switch = label.locator("input")
    is_on = shop.served.is_schedule_on("hourly_intraday")
    for wanted in (not is_on, is_on):
        expect(switch).to_be_checked(checked=not wanted, timeout=MILLISECONDS)
        label.click()
        expect(switch).to_be_checked(checked=wanted, timeout=MILLISECONDS)
        # The UI shows what it asked for before the server has done it.
        until(partial(is_switched, shop, wanted), 30, f"the schedule is on: {wanted}")


@in_a_browser
def test_the_launchpad_offers_what_an_operator_can_ask_of_a_build(
    page: Page, good_run: str
) -> None:
    page.goto("/locations/shoptrack/jobs/refresh/playground")
    see(page, "full_refresh")
    page.get_by_text("dbt_build", exact=True).last.hover()
    keep_picture(page, "launchpad")


# What goes on by itself


def test_dropped_files_are_landed_and_built_once_and_a_bad_one_raises_an_alert(shop: Shop) -> None:
    served = shop.served
    ensure_published(served)
    ((before,),) = served.read(PURCHASES)
    runs_before = len(served.runs())
    folder = served.inbox / "web.events"
    bad = drop(folder, "bad.csv", [{"event_id": "x", "when": "2025-01-05"}])
    drop(folder, "one.csv", [purchase("dropped 1")])
    drop(folder, "two.csv", [purchase("dropped 2")])

    until(lambda: len(served.runs()) > runs_before, 60, "the sensor starts a run")
    until((folder / "landed" / "two.csv").exists, 60, "the files are landed")
    assert served.finish(served.runs()[0]["runId"]) == "SUCCESS"
    assert served.read(PURCHASES) == [(before + 2,)]
    assert sorted(path.name for path in (folder / "landed").iterdir()) == ["one.csv", "two.csv"]
    assert bad.exists()
    assert "bad.csv was not landed" in (folder / "bad.csv.refused.txt").read_text("utf-8")
    until(lambda: any("bad.csv" in alert["text"] for alert in shop.alerts), 180, "the alert")

    served.stop()
    served.start()
    time.sleep(30)  # three ticks of the sensor
    assert len(served.runs()) == runs_before + 1
    assert sum("bad.csv" in alert["text"] for alert in shop.alerts) == 1
    bad.unlink()
    (folder / "bad.csv.refused.txt").unlink()


def test_a_data_error_blocks_what_stands_on_it_and_keeps_the_published_copy(shop: Shop) -> None:
    served = shop.served
    ensure_published(served)
    copy = served.published.stat().st_ino
    seed = served.folder / "seeds" / "rfm_segments.csv"
    good = seed.read_text(encoding="utf-8")
    seed.write_text(good + good.splitlines()[-1] + "\n", encoding="utf-8")  # a segment twice
    try:
        run_id = served.launch("refresh_intraday")
        assert served.finish(run_id) == "FAILURE"
    finally:
        seed.write_text(good, encoding="utf-8")
    evaluations = [
        event["evaluation"] for event in served.events(run_id, "AssetCheckEvaluationEvent")
    ]
    failed = {check["checkName"] for check in evaluations if not check["success"]}
    made = {
        event["assetKey"]["path"][-1] for event in served.events(run_id, "MaterializationEvent")
    }
    assert failed == {"primary_key_dim_customers_v1_customer_id"}
    assert "fct_orders" in made
    assert "rpt_traffic_daily" in made
    assert "published_copy" not in made
    assert served.published.stat().st_ino == copy
    text = f"error marts/dim_customers: {failed.pop()}"
    until(lambda: any(text in alert["text"] for alert in shop.alerts), 180, "the alert")
    assert served.finish(served.launch("refresh_intraday")) == "SUCCESS"
    assert served.published.stat().st_ino != copy


def kill_in_the_middle(served: Served, part: str) -> None:
    """Launch a full refresh, kill a part while dbt builds, and wait for a good end."""
    run_id = served.launch("refresh_intraday", full_refresh=True)
    until(lambda: served.processes(*KILLED["dbt"]), 60, "dbt starts")
    time.sleep(6)
    killed = [p for p in served.processes(*KILLED[part]) if "bound_process" not in str(p.cmdline())]
    assert killed, part
    for process in killed:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(killed, timeout=10)
    started = time.monotonic()

    def is_recovered() -> bool:
        if not served.job_names():  # the web server is starting again
            return False
        runs = served.runs("refresh_intraday")
        attempts = [run for run in runs if run_id in (run["runId"], run["parentRunId"])]
        is_over = all(run["status"] in FINISHED for run in attempts)
        return is_over and any(run["status"] == "SUCCESS" for run in attempts)

    until(is_recovered, RECOVERY_SECONDS, f"recovery from a killed {part}")
    print(f"a killed {part} was made good after {time.monotonic() - started:.0f} s")


def assert_clean(served: Served) -> None:
    """Nothing is left of a killed run, and the marts are those of a build from nothing."""
    until(lambda: not served.processes("execute_run"), 30, "workers end")
    assert served.processes("shoptrack-dbt") == []
    other = served.folder / "clean" / "warehouse.duckdb"
    other.unlink(missing_ok=True)
    target = ("--target-path", str(other.parent))
    untested = ("--exclude-resource-type", "test", "unit_test")
    served.run_program("dbt", "build", *target, *untested, SHOPTRACK_WAREHOUSE=str(other))
    marts = served.read("select table_name from duckdb_tables() where schema_name = 'main'")
    assert len(marts) > 15
    assert [mart for (mart,) in marts if served.difference(mart, other)] == []


@pytest.mark.parametrize(
    "part",
    ["worker", *(pytest.param(p, marks=pytest.mark.slow) for p in KILLED if p != "worker")],
)
def test_a_killed_part_is_made_good_without_a_hand(shop: Shop, part: str) -> None:
    kill_in_the_middle(shop.served, part)
    assert_clean(shop.served)


@pytest.mark.slow
def test_twenty_runs_at_once_finish_one_after_another(shop: Shop) -> None:
    served = shop.served
    run_ids = [served.launch("refresh") for _ in range(20)]
    at_once = 0
    while any(served.status(run_id) not in FINISHED for run_id in run_ids):
        at_once = max(at_once, len(served.processes(*KILLED["dbt"])))
        time.sleep(1)
    assert {served.status(run_id) for run_id in run_ids} == {"SUCCESS"}
    assert at_once == 1


@pytest.mark.slow
def test_readers_meet_no_error_and_no_torn_answer_during_a_build(shop: Shop) -> None:
    served = shop.served
    ensure_published(served)
    drop(served.inbox / "web.events", "during.csv", [purchase("during the build")])
    before = len(served.runs())
    command = [sys.executable, "-c", READER, str(served.published)]
    readers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(READERS)
    ]
    until(lambda: len(served.runs()) > before, 120, "the sensor starts a run")
    assert served.finish(served.runs()[0]["runId"], 600) == "SUCCESS"
    time.sleep(2)
    for reader in readers:
        said, _ = reader.communicate()
        assert reader.returncode == 0
        answers, torn, first, last = (int(number) for number in said.split())
        assert (torn, last) == (0, first + 1)
        assert answers > 20
