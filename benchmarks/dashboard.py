"""How long until a page of the dashboard shows its first headline figure, in a real browser.

    python -m benchmarks.dashboard

It reads the copy that SHOPTRACK_PUBLISHED names, and starts a dashboard of its own. Each page is
opened anew several times by a browser that has visited before; `first` is the visit that finds no
result of a query in the server's cache. The machine should have nothing else to do.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from dashboards.app.views import PAGES
from shoptrack.warehouse import published_path
from tests.python.dashboards.serving import served

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def seconds_until_painted(page: Page, address: str) -> float:
    """Open an address and wait for its first headline figure."""
    page.goto("about:blank")
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_test_id("stMetricValue").first.wait_for()
    return time.perf_counter() - begun


def main(visits: Annotated[int, typer.Option(help="Visits per page.")] = 5) -> None:
    """Measure every page."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is absent: apt-get install chromium")
    if not published_path().exists():
        raise SystemExit(f"there is no copy at {published_path()}: run shoptrack publish")
    table = Table("page", "first [s]", "median [s]", "slowest [s]")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(published_path().resolve(), Path(folder)) as dashboard,
        sync_playwright() as playwright,
    ):
        address = dashboard.address
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        visitor = browser.new_context()
        seconds_until_painted(visitor.new_page(), address)  # the browser's and server's own start
        for page in PAGES:
            tab = visitor.new_page()
            taken = [seconds_until_painted(tab, f"{address}/{page.slug}") for _ in range(visits)]
            tab.close()
            figures = (taken[0], statistics.median(taken), max(taken))
            table.add_row(page.slug, *(f"{seconds:.2f}" for seconds in figures))
        browser.close()
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
