"""The Dagster UI in a real browser: what an operator looks at is there and looks right.

Pictures go to the folder that SHOPTRACK_SCREENSHOTS names, to be looked at by a person.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.python.orchestration.conftest import Shop
from tests.python.orchestration.serving import until

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
)
MILLISECONDS = 30_000

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is absent: apt-get install chromium")


@pytest.fixture(scope="module")
def run_id(shop: Shop) -> str:
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


def test_lineage_shows_the_subjects_and_leads_into_one(page: Page, run_id: str) -> None:
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


def test_a_run_shows_its_steps_and_that_it_went_well(page: Page, run_id: str) -> None:
    page.goto(f"/runs/{run_id}")
    see(page, "Success", "dbt_build", "land_inbox", "published_copy", "dbt_unit_tests")
    keep_picture(page, "run")


def test_a_mart_shows_its_columns_rows_owner_and_checks(page: Page, run_id: str) -> None:
    page.goto("/assets/marts/fct_orders")
    see(page, "Row count", "data@example.com", "gross_sales", "sales")
    keep_picture(page, "mart")
    page.goto("/assets/marts/fct_orders?view=checks")
    see(page, "primary_key_fct_orders_v1_order_id", "Passed")
    keep_picture(page, "checks")


def test_the_published_copy_plots_the_headline_figures(page: Page, run_id: str) -> None:
    page.goto("/assets/published_copy?view=events")
    see(page, "gross sales", "session conversion rate", "rejected rows")
    keep_picture(page, "published_copy")


def test_schedules_and_sensors_can_be_switched(page: Page, shop: Shop, run_id: str) -> None:
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


def test_the_launchpad_offers_what_an_operator_can_ask_of_a_build(page: Page, run_id: str) -> None:
    page.goto("/locations/shoptrack/jobs/refresh/playground")
    see(page, "full_refresh")
    page.get_by_text("dbt_build", exact=True).last.hover()
    keep_picture(page, "launchpad")
