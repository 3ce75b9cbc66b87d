"""The dashboard in a real browser over the demo shop: what it shows is what the marts hold.

Pictures go to the folder that SHOPTRACK_SCREENSHOTS names, to be looked at by a person.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from dashboards.app.views import PAGES
from tests.python.dashboards.serving import Served, changed_copy, emptied, served

CHROMIUM = shutil.which("chromium")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync"),
)
DESKTOP: ViewportSize = {"width": 1440, "height": 1000}
# Tables with a download, per page.
TABLES = dict(zip((page.slug for page in PAGES), (0, 6, 6, 4, 5, 4, 2, 2), strict=True))
# Of these the documentation shows the upper part: heights in pixels.
PICTURES = {"overview": 1800, "funnel": 1500}
PHONE: ViewportSize = {"width": 390, "height": 844}
MILLISECONDS = 30_000
# The page and its parts are as wide as the screen, once they are drawn for it; nothing scrolls.
FITS = """width => window.innerWidth === width
    && document.documentElement.scrollWidth <= width
    && ["stMain", "stMainBlockContainer"].every(name => {
        const part = document.querySelector(`[data-testid=${name}]`)
        return part && part.scrollWidth <= part.clientWidth
    })"""
# On a page of its own address Streamlit first looks for its server below that address.
SEARCH_FOR_THE_SERVER = re.compile(r"/\w+/_stcore/(health|host-config)$")
SHARED_VIEW = "channel=Direct&channel=Email&device=mobile&country=DE&country=AT"
SHARED_CHOICE = (
    "channel in ('Direct', 'Email') and device_category = 'mobile' and country in ('DE', 'AT')"
)
LAST_28 = "between date '2025-03-04' and date '2025-03-31'"

expect.set_options(timeout=MILLISECONDS)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is absent: apt-get install chromium")


@pytest.fixture(scope="module")
def app(demo_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard over the demo shop; errors in its log fail the module."""
    with served(demo_copy, tmp_path_factory.mktemp("dashboard")) as running:
        yield running
        assert running.complaints() == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def visitor(app: Served, browser: Browser) -> BrowserContext:
    """One visitor for all tests, whose browser keeps the app's files."""
    return browser.new_context(base_url=app.address)


@contextmanager
def browsing(visitor: BrowserContext, address: str) -> Iterator[Page]:
    """A page; what its console complains of and requests to other hosts fail the test."""
    complaints: list[str] = []
    page = visitor.new_page()
    page.set_viewport_size(DESKTOP)
    page.set_default_timeout(MILLISECONDS)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def note_console(message: Any) -> None:
        is_search = SEARCH_FOR_THE_SERVER.search(message.location.get("url", ""))
        if message.type == "error" and not is_search:
            complaints.append(f"{message.text} {message.location}")

    def note_request(request: Any) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            complaints.append(f"a request to {request.url}")

    page.on("console", note_console)
    page.on("request", note_request)
    yield page
    exceptions = page.get_by_test_id("stException").all_inner_texts()
    page.close()
    assert complaints + exceptions == []


@pytest.fixture
def page(app: Served, visitor: BrowserContext) -> Iterator[Page]:
    with browsing(visitor, app.address) as page:
        yield page


@pytest.fixture
def ask(demo_copy: Path) -> Iterator[Callable[[str], Any]]:
    """Asks the published copy for one figure, in SQL of the test's own."""
    with duckdb.connect(str(demo_copy), read_only=True) as connection:

        def one(sql: str) -> Any:
            return connection.execute(sql).fetchall()[0][0]

        yield one


def settle(page: Page) -> None:
    """Wait until the page is drawn, and see that nothing went wrong on it."""
    expect(page.get_by_test_id("stHeading").first).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def see(page: Page, label: str, value: str) -> None:
    """Wait until a headline figure is what it should be, as people read it."""
    expect(metric(page, label).get_by_test_id("stMetricValue")).to_have_text(value)


def read(page: Page, text: str) -> None:
    """Wait until a text stands on the page."""
    expect(page.get_by_test_id("stMain").get_by_text(text).first).to_be_visible()


def metric(page: Page, label: str) -> Locator:
    name = page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
    return page.get_by_test_id("stMetric").filter(has=name).first


def downloaded(page: Page, name: str) -> list[list[str]]:
    """Press the download button of a table and return its rows, the header first."""
    container = page.locator(f".st-key-download_{name}")
    with page.expect_download() as download:
        container.get_by_role("button").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def rows_of(demo_copy: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(demo_copy), read_only=True) as connection:
        rows: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
        return rows


def assert_same(written: Sequence[Sequence[str]], expected: Sequence[Sequence[Any]]) -> None:
    """Compare a CSV's rows with those of SQL: texts as they are, figures as figures."""
    assert len(written) == len(expected)
    for have, want in zip(written, expected, strict=True):
        for cell, value in zip(have, want, strict=True):
            if value is None or isinstance(value, str):
                assert cell == (value or "")
            else:
                assert float(cell) == pytest.approx(float(value), rel=1e-9)


def see_that_tables_download(page: Page, tables: int) -> None:
    """Press all download buttons: each gives as many rows as it says."""
    buttons = page.locator("[class*=st-key-download_]")
    expect(buttons).to_have_count(tables)
    for button in buttons.all():
        name = re.findall(r"st-key-download_(\w+)", button.get_attribute("class") or "")[0]
        said = int(re.findall(r"CSV, ([\d,]+) row", button.inner_text())[0].replace(",", ""))
        assert len(downloaded(page, name)) == said + 1


def choose(page: Page, label: str, *options: str) -> None:
    """Choose options of a filter in the sidebar."""
    box = page.get_by_test_id("stSidebar").get_by_role("combobox", name=re.compile(label))
    for option in options:
        box.click()
        page.get_by_role("option", name=option, exact=True).click()
    if label != "Dates":
        page.keyboard.press("Escape")


def keep_picture(page: Page, name: str, tallest: int = 6000) -> None:
    """Keep a picture of the page, from its top, small enough for the documentation."""
    folder = os.environ.get("SHOPTRACK_SCREENSHOTS")
    size = page.viewport_size
    if not folder or size is None:
        return
    block = page.get_by_test_id("stMainBlockContainer")
    height = int(block.evaluate("element => element.scrollHeight")) + 60
    page.set_viewport_size({"width": size["width"], "height": min(height, tallest)})
    page.get_by_test_id("stMain").evaluate("element => element.scrollTo(0, 0)")
    page.mouse.move(0, 0)
    page.wait_for_timeout(2000)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(192).save(Path(folder) / f"{name}.png", optimize=True)
    page.set_viewport_size(size)


@pytest.mark.parametrize(("slug", "tables"), TABLES.items())
def test_a_page_opens_whole_and_fits_a_phone(
    app: Served,
    visitor: BrowserContext,
    slug: str,
    tables: int,
    record_property: Callable[[str, object], None],
) -> None:
    with browsing(visitor, app.address) as page:
        begun = time.perf_counter()
        page.goto("/" if slug == "overview" else f"/{slug}")
        expect(page.get_by_test_id("stMetricValue").first).to_be_visible()
        seconds = time.perf_counter() - begun
        record_property("first_figure_seconds", round(seconds, 2))
        print(f"{slug}: first figure after {seconds:.2f} s")
        settle(page)
        read(page, "How to read this")
        read(page, "Data up to 31 Mar 2025, published")
        expect(page.get_by_test_id("stDataFrame")).to_have_count(tables)
        assert "No data" not in page.get_by_test_id("stMain").inner_text()
        see_that_tables_download(page, tables)
        keep_picture(page, f"dashboard_{slug}", PICTURES.get(slug, 6000))
        page.set_viewport_size(PHONE)
        page.wait_for_function(FITS, arg=PHONE["width"])
        keep_picture(page, f"dashboard_phone_{slug}", 1500)


def test_headline_figures_are_those_of_the_marts(page: Page, ask: Callable[[str], Any]) -> None:
    open_page(page, "/")
    sessions = f"fct_sessions where not is_bot and session_date {LAST_28}"
    money = (
        "select sum({}) from fct_sales_ledger where posting_kind in {} and posting_date " + LAST_28
    )
    orders = f"select count(*) from fct_orders where is_sale and order_date {LAST_28}"
    gross = ask(money.format("amount_reporting", "('gross_sales', 'discount')"))
    net = ask(money.format("amount_reporting", "('gross_sales', 'discount', 'return')"))
    carts = f"fct_carts where started_date {LAST_28}"
    see(page, "Sessions", f"{ask(f'select count(*) from {sessions}'):,}")
    rate = ask(f"select avg(cast(has_purchase as int)) from {sessions}")
    see(page, "Session conversion", f"{100 * rate:.2f} %")
    rate = ask(f"select avg(cast(is_bounce as int)) from {sessions}")
    see(page, "Bounce rate", f"{100 * rate:.1f} %")
    see(page, "Tracked net sales", f"€ {ask(f'select sum(net_revenue) from {sessions}'):,.2f}")
    see(page, "Net sales", f"€ {net:,.2f}")
    see(page, "Orders", f"{ask(orders):,}")
    see(page, "AOV", f"€ {gross / ask(orders):,.2f}")
    new = f"select count(*) from fct_orders where is_first_order and order_date {LAST_28}"
    see(page, "New customers", f"{ask(new):,}")
    lost = f"select sum(cart_value) from {carts} and cart_state = 'abandoned'"
    see(page, "Abandoned value", f"€ {ask(lost):,.2f}")
    before = "between date '2025-02-04' and date '2025-03-03'"
    count = "select count(*) from fct_sessions where not is_bot and session_date "
    change = 100 * (ask(count + LAST_28) / ask(count + before) - 1)
    expect(metric(page, "Sessions")).to_contain_text(f"{change:+.1f} %")
    expect(metric(page, "Sessions")).to_contain_text("worse")


def test_filtered_figures_are_those_of_the_marts(page: Page, ask: Callable[[str], Any]) -> None:
    open_page(page, f"/?{SHARED_VIEW}")
    sessions = f"fct_sessions where not is_bot and session_date {LAST_28} and {SHARED_CHOICE}"
    see(page, "Sessions", f"{ask(f'select count(*) from {sessions}'):,}")
    see(page, "Tracked net sales", f"€ {ask(f'select sum(net_revenue) from {sessions}'):,.2f}")
    without_country = SHARED_CHOICE.partition(" and country")[0]
    carts = f"fct_carts where started_date {LAST_28} and {without_country}"
    lost = f"select sum(cart_value) from {carts} and cart_state = 'abandoned'"
    see(page, "Abandoned value", f"€ {ask(lost):,.2f}")
    read(page, "Not split by channel, device, country")  # sales
    read(page, "Not split by country")  # carts


def test_figures_of_the_other_pages_are_those_of_the_marts(
    page: Page, ask: Callable[[str], Any]
) -> None:
    open_page(page, "/marketing")
    days = f"rpt_campaign_daily where report_date {LAST_28}"
    spend = ask(f"select sum(spend) from {days}")
    see(page, "Ad spend", f"€ {spend:,.2f}")
    campaign = "(source, medium, campaign)"
    paid = f"{campaign} in (select {campaign} from {days} and spend > 0)"
    revenue = ask(f"select sum(attributed_revenue) from {days} and {paid}")
    see(page, "ROAS", f"{revenue / spend:,.2f}")
    open_page(page, "/customers")
    orders = f"fct_orders where is_sale and order_date {LAST_28}"
    customers = ask(f"select count(distinct customer_id) from {orders}")
    see(page, "Customers", f"{customers:,}")
    returning = f"select count(distinct customer_id) from {orders} and customer_order_number > 1"
    see(page, "Returning customer rate", f"{100 * ask(returning) / customers:.1f} %")
    value = ask("select sum(clv_12m) from fct_customer_value")
    see(page, "Expected 12-month value", f"€ {value:,.2f}")
    open_page(page, "/products")
    units = ask(
        "select sum(quantity) from fct_order_lines where is_sale and is_product"
        f" and order_date {LAST_28}"
    )
    see(page, "Units sold", f"{units:,.0f}")
    open_page(page, "/quality")
    quality = f"rpt_data_quality_daily where report_date {LAST_28}"
    late = ask(f"select sum(late_events) / sum(landed_events) from {quality}")
    see(page, "Late events", f"{100 * late:.2f} %")
    open_page(page, "/experiments")
    alarms = ask("select count(distinct experiment_id) from rpt_experiment_results where has_srm")
    see(page, "Sample-ratio alarms", f"{alarms}")
    expect(page.get_by_text("Sample-ratio mismatch (p < 0.001)")).to_have_count(alarms)


def test_presets_count_back_from_the_newest_day_of_the_data(page: Page) -> None:
    open_page(page, "/experiments")
    for preset, said, address in (
        ("Last 7 days", "25 Mar – 31 Mar 2025 (7 days)", "dates=last_7"),
        ("This month", "1 Mar – 31 Mar 2025 (31 days)", "dates=this_month"),
        ("Previous month", "1 Feb – 28 Feb 2025 (28 days)", "dates=previous_month"),
        ("Last 90 days", "1 Jan – 31 Mar 2025 (90 days)", "dates=last_90"),
        ("All dates", "with nothing to compare: the data begins 1 Jan 2025", "dates=all"),
    ):
        choose(page, "Dates", preset)
        read(page, said)
        expect(page).to_have_url(re.compile(re.escape(address)))


def test_dates_can_be_chosen_and_shared(page: Page, ask: Callable[[str], Any]) -> None:
    open_page(page, "/traffic?dates=2025-02-10..2025-02-12")
    sessions = ask(
        "select count(*) from fct_sessions where not is_bot"
        " and session_date between date '2025-02-10' and date '2025-02-12'"
    )
    see(page, "Sessions", f"{sessions:,}")
    read(page, "10 Feb – 12 Feb 2025")
    expect(page.get_by_test_id("stSidebar").get_by_test_id("stDateInput")).to_be_visible()


def test_dates_can_be_chosen_in_the_calendar(page: Page, ask: Callable[[str], Any]) -> None:
    open_page(page, "/traffic")
    choose(page, "Dates", "Choose dates")
    field = page.get_by_test_id("stSidebar").get_by_test_id("stDateInput")
    field.get_by_role("button").first.click()
    for day in ("Wednesday, March 5, 2025", "Friday, March 7, 2025"):
        page.get_by_role("gridcell").get_by_role("button", name=re.compile(day)).click()
    expect(page).to_have_url(re.compile("dates=2025-03-05..2025-03-07"))
    sessions = ask(
        "select count(*) from fct_sessions where not is_bot"
        " and session_date between date '2025-03-05' and date '2025-03-07'"
    )
    see(page, "Sessions", f"{sessions:,}")


def test_filters_survive_a_change_of_page_and_stand_in_the_address(
    page: Page, ask: Callable[[str], Any]
) -> None:
    open_page(page, "/")
    choose(page, "Channel", "Paid Search")
    choose(page, "Device", "desktop")
    choose(page, "Country", "FR")
    page.get_by_test_id("stSidebarNav").get_by_text("Traffic").click()
    expect(page.get_by_role("heading", name="Traffic")).to_be_visible()
    expect(page).to_have_url(
        re.compile(r"/traffic\?channel=Paid(\+|%20)Search&device=desktop&country=FR$")
    )
    choice = "channel = 'Paid Search' and device_category = 'desktop' and country = 'FR'"
    sessions = f"fct_sessions where not is_bot and session_date {LAST_28} and {choice}"
    expected = f"{ask(f'select count(*) from {sessions}'):,}"
    see(page, "Sessions", expected)
    address = page.url
    page.goto("about:blank")
    open_page(page, address)
    see(page, "Sessions", expected)


def test_the_comparison_can_be_switched_off(page: Page) -> None:
    open_page(page, "/traffic")
    expect(page.get_by_test_id("stMetricDelta")).to_have_count(6)
    page.get_by_test_id("stSidebar").get_by_text("Compare with the period before").click()
    expect(page.get_by_test_id("stMetricDelta")).to_have_count(0)
    expect(page).to_have_url(re.compile("compare=off"))
    expect(page.locator(".st-key-download_traffic_by_channels")).to_be_visible()
    settle(page)
    assert "vs before" not in downloaded(page, "traffic_by_channels")[0]


def test_an_address_that_asks_for_what_is_not_there_says_so(page: Page) -> None:
    open_page(page, "/?dates=yesterday&channel=Pigeons")
    read(page, "dates=yesterday is not known")
    read(page, "channel=Pigeons is not in the data")


def test_downloads_hold_what_the_marts_hold(page: Page, demo_copy: Path) -> None:
    open_page(page, "/traffic?compare=off&device=mobile")
    header, *rows = downloaded(page, "traffic_by_channels")
    assert header[:3] == ["Channel", "Sessions", "Share"]
    expected = rows_of(
        demo_copy,
        "select channel, count(*) as n from fct_sessions where not is_bot"
        f" and device_category = 'mobile' and session_date {LAST_28}"
        " group by channel order by n desc, channel",
    )
    assert_same([row[:2] for row in rows], expected)
    open_page(page, "/funnel")
    expected = rows_of(
        demo_copy,
        "select replace(step, '_', ' '), count(*) from fct_funnel_sessions where is_closed_reached"
        f" and not is_bot and session_date {LAST_28}"
        " group by step, step_number order by step_number",
    )
    assert_same([row[:2] for row in downloaded(page, "funnel_steps")[1:]], expected)
    expected = rows_of(
        demo_copy,
        "select cart_value, items, cart_id from fct_cart_follow_ups"
        " order by suggested_action = 'wait', cart_value desc, cart_id",
    )
    rows = downloaded(page, "funnel_follow_ups")
    places = [rows[0].index(label) for label in ("Value", "Items", "Cart")]
    assert_same([[row[place] for place in places] for row in rows[1:]], expected)


def test_copies_are_shown_at_once_when_they_are_published(
    browser: Browser, demo_copy: Path, tmp_path: Path, ask: Callable[[str], Any]
) -> None:
    copy = tmp_path / "it's" / "marts.duckdb"
    copy.parent.mkdir()
    count = f"select count(*) from fct_sessions where not is_bot and session_date {LAST_28}"
    with (
        served(copy, tmp_path) as running,
        browsing(browser.new_context(base_url=running.address), running.address) as page,
    ):
        open_page(page, "/?channel=Email")
        read(page, "Nothing published yet")
        expect(page.get_by_test_id("stCode")).to_contain_text("shoptrack publish")
        shutil.copy(demo_copy, copy)
        page.reload()
        see(page, "Sessions", f"{ask(count + ' and channel = $$Email$$'):,}")
        changed_copy(demo_copy, copy, "delete from rpt_traffic_daily where channel = 'Email'")
        choose(page, "Device", "mobile")  # nothing but the next click
        expected = ask(count + " and channel <> 'Email' and device_category = 'mobile'")
        see(page, "Sessions", f"{expected:,}")  # the choice that is no more is gone
        expect(page).not_to_have_url(re.compile("channel"))
        changed_copy(demo_copy, copy, *emptied(demo_copy))
        page.reload()
        read(page, "No data: needs rpt_traffic_daily, which is empty; land web.events")
        expect(page.get_by_test_id("stMetric")).to_have_count(0)
        assert running.complaints() == []
