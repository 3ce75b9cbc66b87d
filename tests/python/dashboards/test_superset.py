"""Superset from nothing by the one command, in a real browser, over the published demo shop.

Pictures go to the folder that SHOPTRACK_SCREENSHOTS names, to be looked at by a person.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import duckdb
import psutil
import pytest
from playwright.sync_api import Page, Request, Response, expect, sync_playwright

from tests.python.dashboards.superset_figures import FIGURES
from tests.python.dashboards.superset_files import FOLDER, Files, has_dates
from tests.python.dashboards.superset_server import Superset, new_superset
from tests.python.orchestration.serving import free_port

CHROMIUM = shutil.which("chromium")
MILLISECONDS = 60_000
FILES = Files.read()
PATH_OF = {chart["uuid"]: path for path, chart in FILES.charts.items()}
ABLE_TO_FILTER_CHANNELS = (
    "sessions",
    "session_conversion_rate",
    "conversion_by_device",
    "channels",
)
TELEMETRY = "https://apachesuperset.gateway.scarf.sh/"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is absent: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def superset(demo_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Superset:
    made = new_superset(tmp_path_factory.mktemp("superset") / "it's a [shop] ü", demo_copy)
    if reason := made.why_not_installed():
        pytest.skip(reason)
    return made


@pytest.fixture(scope="module")
def said(superset: Superset) -> Iterator[str]:
    """What the first start said; Superset is served as long as tests need it."""
    with superset.served() as output:
        yield output


@pytest.fixture(scope="module")
def chart_ids(superset: Superset, said: str) -> dict[int, str]:
    """Paths of the charts' files by the numbers that this installation gave them."""
    charts = superset.session().get("chart/?q=(columns:!(id,uuid),page_size:500)")["result"]
    return {chart["id"]: PATH_OF[chart["uuid"]] for chart in charts}


@dataclass
class Browser:
    """A browser that is logged in, what it was told of charts, and what went wrong."""

    page: Page
    chart_ids: dict[int, str]
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    heard: int = 0
    wrong: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.page.on("response", self._hear)
        self.page.on("request", self._watch)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def _hear(self, response: Response) -> None:
        if "/api/v1/" in response.url and not response.ok:
            self.wrong.append(f"{response.status} {response.url}: {response.text()[:500]}")
        elif "/api/v1/chart/data" in response.url:
            stated = parse_qs(urlsplit(response.url).query).get("form_data")
            if stated:  # the choices of filters come the same way, without it
                path = self.chart_ids[json.loads(stated[0])["slice_id"]]
                self.answers[path] = response.json()["result"]
                self.heard += 1

    def _watch(self, request: Request) -> None:
        local = ("http://127.0.0.1", "data:", "blob:", TELEMETRY)  # the policy lets no picture out
        if not request.url.startswith(local):
            self.outside.add(request.url)

    def log_in(self, user: str, password: str) -> None:
        """Log in through the form."""
        self.page.goto("/login/")
        self.page.fill("#username", user)
        self.page.fill("#password", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(lambda url: "login" not in url)

    def open(self, dashboard: str, query: str = "") -> None:
        """Open a dashboard and scroll until every chart has been drawn."""
        self.answers.clear()
        self.page.goto(f"/superset/dashboard/{FILES.dashboards[dashboard]['slug']}/{query}")
        holders = self.page.locator(".dashboard-component-chart-holder")
        expect(holders).to_have_count(len(FILES.charts_of(FILES.dashboards[dashboard])))
        for holder in holders.all():
            holder.scroll_into_view_if_needed()
            expect(holder.locator(".slice_container")).to_be_visible()
            expect(holder.locator("[data-test=loading-indicator], .loading")).to_have_count(0)
            drawn = holder.locator("canvas, table, .header-line")
            expect(drawn.first).to_be_visible()
            expect(holder.get_by_role("alert")).to_have_count(0)

    def choose_dates(self, first: str, end: str) -> None:
        """Let the filter bar limit the dates: `first` included, `end` not."""
        bar = self.page.locator("[data-test=filter-bar]")
        bar.get_by_text("No filter").first.click()
        chooser = self.page.locator(".ant-popover").last
        kind = chooser.get_by_role("combobox").first
        expect(chooser).not_to_have_class(re.compile("ant-zoom"))  # it comes flying in
        kind.click(force=True)  # what is chosen lies over the field that takes the click
        self.page.locator(".ant-select-item-option", has_text="Advanced").click()
        for place, date in enumerate((first, end)):
            chooser.locator("input.ant-input").nth(place).fill(date)
        apply = chooser.get_by_role("button", name="Apply")
        expect(apply).to_be_enabled()
        apply.click()
        bar.get_by_role("button", name="Apply filters").click()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it holds, while the page goes on."""
        end = time.monotonic() + MILLISECONDS / 1000
        while not condition():
            assert time.monotonic() < end, f"not within {MILLISECONDS} ms: {what}"
            self.page.wait_for_timeout(200)

    def until_quiet(self) -> None:
        """Wait until no chart has been answered for a second."""
        known, since = -1, time.monotonic()
        end = since + MILLISECONDS / 1000
        while time.monotonic() < since + 1:
            assert time.monotonic() < end, f"charts are drawn anew for {MILLISECONDS} ms"
            if self.heard != known:
                known, since = self.heard, time.monotonic()
            self.page.wait_for_timeout(100)

    def keep_picture(self, name: str) -> None:
        """Keep a picture for a person to look at."""
        if folder := os.environ.get("SHOPTRACK_SCREENSHOTS"):
            self.page.mouse.move(0, 0)
            self.page.screenshot(path=str(Path(folder) / f"superset_{name}.png"))


@pytest.fixture(scope="module")
def playwright_page(superset: Superset, said: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(base_url=superset.address, viewport={"width": 1600, "height": 1400})
        page.set_default_timeout(MILLISECONDS)
        expect.set_options(timeout=MILLISECONDS)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def browser(playwright_page: Page, superset: Superset, chart_ids: dict[int, str]) -> Browser:
    browser = Browser(playwright_page, chart_ids)
    browser.log_in("admin", superset.password)
    return browser


def compared(
    answer: list[dict[str, Any]], names: list[str], dates: set[str]
) -> list[tuple[Any, ...]]:
    """Rows of a chart's answer as `names` want them, rounded, in an order of their own.

    A big number with a trend has the number in its last result.
    """
    rows = answer[-1]["data"]
    cells = [
        value
        for row in rows
        for name, value in row.items()
        if name not in dates and isinstance(value, int | float)
    ]
    if names == ["total"]:
        return [(rounded(math.fsum(cells)),)]
    if names == ["cell"]:
        return sorted((rounded(cell),) for cell in cells)
    return sorted((tuple(rounded(row[name]) for name in names) for row in rows), key=str)


def rounded(value: Any) -> Any:
    """A number to ten digits, as a number of Superset's JSON; everything else as it is."""
    if value is None or isinstance(value, str | bool):
        return value
    return float(f"{float(value):.10g}")


def expected(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[list[str], list[Any]]:
    """Names and rows of a query, rounded and ordered as `compared` has them."""
    names = [column[0] for column in connection.execute(sql).description or []]
    rows = connection.execute(sql).fetchall()
    found = [tuple(map(rounded, row)) for row in rows]
    if names == ["cell"]:
        return names, sorted(row for row in found if row[0] is not None)
    return names, sorted(found, key=str)


def number_of(browser: Browser, chart: str) -> Any:
    """The one number of a chart."""
    (row,) = browser.answers[f"charts/{chart}.yaml"][-1]["data"]
    (number,) = row.values()
    return number


def test_the_first_start_says_where_it_is_and_where_the_password_is(
    superset: Superset, said: str
) -> None:
    assert f"First login: admin, password in {superset.home}/admin_password" in said
    assert f"Superset is on {superset.address}" in said
    assert "8 dashboards imported" in said
    assert superset.password not in said
    for name in ("admin_password", "secret_key"):
        assert stat.S_IMODE((superset.home / name).stat().st_mode) == 0o600


def test_it_listens_on_this_machine_alone(superset: Superset, said: str) -> None:
    listening = {
        tuple(each.laddr)
        for each in psutil.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN and superset.port in each.laddr
    }
    assert listening == {("127.0.0.1", superset.port)}


def test_every_chart_has_a_figure_to_compare() -> None:
    assert sorted(f"charts/{name}.yaml" for name in FIGURES) == sorted(FILES.charts)


@pytest.mark.parametrize("path", FILES.dashboards)
def test_every_chart_of_a_dashboard_is_drawn_with_the_numbers_of_the_marts(
    browser: Browser, superset: Superset, path: str
) -> None:
    browser.open(path)
    browser.keep_picture(Path(path).stem)
    charts = FILES.charts_of(FILES.dashboards[path])
    assert sorted(browser.answers) == sorted(each for each, _ in charts.values())
    different = []
    with duckdb.connect(str(superset.published), read_only=True) as connection:
        for chart, answer in browser.answers.items():
            dataset = FILES.dataset(FILES.charts[chart]["dataset_uuid"])
            dates = {each["column_name"] for each in dataset["columns"] if each.get("is_dttm")}
            sql = FIGURES[chart.removeprefix("charts/").removesuffix(".yaml")]
            names, wanted = expected(connection, sql)
            shown = compared(answer, names, dates)
            assert wanted
            if shown != wanted:
                different.append((chart, shown[:3], wanted[:3]))
    assert different == []
    assert browser.wrong == []
    assert browser.outside == set()


def test_a_filter_changes_the_charts_that_can_use_it_and_no_other(
    browser: Browser, superset: Superset
) -> None:
    browser.open("dashboards/overview.yaml")
    browser.answers.clear()
    bar = browser.page.locator("[data-test=filter-bar]")
    bar.get_by_role("combobox").nth(0).click()
    browser.page.locator(".ant-select-item-option", has_text="Email").first.click()
    browser.page.keyboard.press("Escape")
    bar.get_by_role("button", name="Apply filters").click()
    able = {f"charts/overview/{name}.yaml" for name in ABLE_TO_FILTER_CHANNELS}
    browser.until(lambda: able <= set(browser.answers), "the charts of sessions are drawn anew")
    browser.until_quiet()
    browser.keep_picture("filtered")
    with duckdb.connect(str(superset.published), read_only=True) as connection:
        sql = "select count(*) from fct_sessions where not is_bot and channel = 'Email'"
        ((sessions,),) = connection.execute(sql).fetchall()
    assert number_of(browser, "overview/sessions") == sessions
    assert set(browser.answers) == able
    assert browser.wrong == []


@pytest.mark.parametrize("name", ["overview", "products"])
def test_dates_limit_every_chart_that_has_dates_and_no_other(browser: Browser, name: str) -> None:
    path = f"dashboards/{name}.yaml"
    charts = dict(FILES.charts_of(FILES.dashboards[path]).values())
    dated = {chart for chart, content in charts.items() if has_dates(content)}
    browser.open(path)
    browser.answers.clear()
    browser.choose_dates("2025-02-01", "2025-03-01")
    browser.until(lambda: dated <= set(browser.answers), "the charts with dates are drawn anew")
    browser.until_quiet()
    assert set(browser.answers) == dated
    for answer in browser.answers.values():
        assert "2025-02-01" in answer[0]["query"]
        assert "2025-03-01" in answer[0]["query"]
    assert browser.wrong == []


def test_a_new_published_copy_is_seen_without_a_restart(
    browser: Browser, superset: Superset
) -> None:
    before = superset.published.with_name("before.duckdb")
    shutil.copy(superset.published, before)
    new = superset.published.with_name("new.duckdb")
    shutil.copy(superset.published, new)
    new.chmod(0o644)
    with duckdb.connect(str(new)) as connection:
        connection.execute("delete from rpt_traffic_daily where country <> 'DE'")
        sql = "select sum(sessions) from rpt_traffic_daily"
        ((sessions,),) = connection.execute(sql).fetchall()
    browser.open("dashboards/overview.yaml")
    assert number_of(browser, "overview/sessions") > sessions
    os.replace(new, superset.published)
    browser.open("dashboards/overview.yaml")
    assert number_of(browser, "overview/sessions") == sessions
    os.replace(before, superset.published)


def test_sql_lab_reads_the_marts_and_neither_writes_nor_opens_files(
    superset: Superset, said: str, tmp_path: Path
) -> None:
    api = superset.session()
    (database,) = api.get("database/")["result"]
    # Readable for Superset's process, and with names that no statement trips over.
    (tmp_path / "secret.txt").write_text("what nobody may read", encoding="utf-8")
    with duckdb.connect() as connection:
        # A version of the format that Superset's older DuckDB reads too.
        connection.execute(f"attach '{tmp_path}/other.duckdb' as other (storage_version 'v1.2.0')")
        connection.execute("create table other.secrets as select 'what nobody may read' as secret")

    def answer(sql: str) -> tuple[bool, str]:
        content = {"database_id": database["id"], "sql": sql, "schema": "main"}
        url = f"{superset.address}/api/v1/sqllab/execute/"
        response = api.session.post(url, json=content, timeout=60)
        return response.ok, response.text

    is_answered, text = answer("select count(*) as sessions from fct_sessions")
    assert is_answered
    assert '"sessions"' in text
    for sql, reason in (
        (f"select * from read_text('{tmp_path}/secret.txt')", "are disabled by configuration"),
        (f"attach '{tmp_path}/other.duckdb' as stolen", "are disabled by configuration"),
        ("delete from fct_sessions", "DML_NOT_ALLOWED_ERROR"),
        ("set enable_external_access = true", "the configuration has been locked"),
    ):
        is_answered, text = answer(sql)
        assert not is_answered, sql
        assert reason in text, sql
        assert "what nobody may read" not in text


def add_reader(superset: Superset) -> str:
    """Make a user who may open the dashboards; return the password."""
    api = superset.session()
    roles = {role["name"]: role["id"] for role in api.get("security/roles/")["result"]}
    password = "for this test alone"
    content = {"username": "reader", "password": password, "email": "reader@example.com"}
    names = {"first_name": "R", "last_name": "R", "active": True}
    chosen = {"roles": [roles["Gamma"], roles["Marts"]]}
    api.post("security/users/", {**content, **names, **chosen})
    return password


def test_a_reader_opens_the_dashboards_and_no_sql_lab(superset: Superset, said: str) -> None:
    reader = superset.session("reader", add_reader(superset))
    dashboards = reader.get("dashboard/?q=(page_size:100)")["result"]
    assert len(dashboards) == len(FILES.dashboards)
    datasets = superset.session().get("dataset/?q=(page_size:100)")["result"]
    (traffic,) = (each for each in datasets if each["table_name"] == "rpt_traffic_daily")
    source = {"id": traffic["id"], "type": "table"}
    asked = {"datasource": source, "queries": [{"metrics": ["sessions"], "columns": []}]}
    (answer,) = reader.post("chart/data", asked)["result"]
    assert answer["data"][0]["sessions"] > 0
    url = f"{superset.address}/api/v1/sqllab/execute/"
    refused = reader.session.post(url, json={"database_id": 1, "sql": "select 1"}, timeout=60)
    assert refused.status_code == 403


def test_what_is_exported_are_the_files(superset: Superset, said: str, browser: Browser) -> None:
    exported = superset.run("export")
    assert exported.returncode == 0, exported.stderr
    for path in FILES.all:
        text = (superset.program.parent / path).read_text("utf-8")
        assert text == (FOLDER / path).read_text("utf-8"), path


def test_a_start_keeps_users_and_overwrites_changed_charts(superset: Superset, said: str) -> None:
    listed = "chart/?q=(columns:!(id,slice_name),page_size:500)"
    api = superset.session()
    users = api.get("security/users/")["count"]
    (orders,) = (each for each in api.get(listed)["result"] if each["slice_name"] == "Orders")
    api.put(f"chart/{orders['id']}", {"slice_name": "Orders, changed"})
    again = Superset(superset.folder, free_port())
    with again.served() as said_again:
        assert "First login" not in said_again
        api = again.session()
        assert api.get("security/users/")["count"] == users
        charts = api.get(listed)["result"]
        assert len(charts) == len(FILES.charts)
        assert orders in charts
        assert api.get("dashboard/")["count"] == len(FILES.dashboards)


def test_without_a_published_copy_it_says_what_to_do(superset: Superset, said: str) -> None:
    absent = superset.folder / "absent.duckdb"
    ended = superset.run("serve", SHOPTRACK_PUBLISHED=str(absent))
    assert ended.returncode == 1
    assert f"there is no published copy at {absent}: run shoptrack publish" in ended.stderr
