"""What the pages read, and that dbt's exposures say so."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from streamlit.testing.v1 import AppTest

from dashboards.app import view as view_module
from dashboards.app.filters import DIMENSIONS, Filters, Offer, Period
from dashboards.app.marts import QUERIES, current_marts, query, read
from dashboards.app.view import View
from dashboards.app.views import PAGES, Page
from tests.python.dashboards.serving import changed_copy, emptied
from tests.python.warehouse import Project

NAMES = sorted(str(path.relative_to(QUERIES).with_suffix("")) for path in QUERIES.rglob("*.sql"))
OF_EVERY_PAGE = ("frame/traffic_days", "frame/sales_days", "frame/choices")
# Facts with a row per session, touch or event: too many to scan while somebody waits.
TOO_LARGE = {
    *("fct_sessions", "fct_touchpoints", "fct_funnel_sessions", "fct_attribution"),
    *("fct_journeys", "dim_visitors", "fct_browsing_segments"),
}
DAYS = Period(date(2025, 1, 1), date(2025, 3, 31))


def tables(name: str) -> set[str]:
    """Marts that a query reads, by sqlglot: names of CTEs left out."""
    parsed = sqlglot.parse_one(query(name).sql, dialect="duckdb")
    ctes = {cte.alias for cte in parsed.find_all(exp.CTE)}
    return {table.name for table in parsed.find_all(exp.Table)} - ctes


@pytest.fixture(scope="module")
def used(demo_copy: Path) -> dict[str, set[str]]:
    """Queries that each page asks when it is drawn, by the page's slug."""
    noted: dict[str, set[str]] = {page.slug: set() for page in PAGES}
    filters = Filters("last_28", Period(date(2025, 3, 4), date(2025, 3, 31)))
    with pytest.MonkeyPatch.context() as patch:
        for page in PAGES:

            def note(marts: Any, query: Any, parameters: Any, slug: str = page.slug) -> Any:
                noted[slug].add(query.name)
                return read(marts, query, parameters)

            patch.setattr(view_module, "read", note)
            page.show(View(current_marts(demo_copy), filters, Offer(DAYS), page.slug))
    return noted


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_an_exposure_names_the_marts_that_its_page_reads(
    page: Page, used: dict[str, set[str]], parsed_project: Project
) -> None:
    names = used[page.slug] | set(OF_EVERY_PAGE)
    read_marts = set().union(*(tables(name) for name in names))
    exposures = parsed_project.manifest.exposures.values()
    (exposure,) = [found for found in exposures if found.name == f"dashboard_{page.slug}"]
    named = {parsed_project.manifest.nodes[node].name for node in exposure.depends_on.nodes}
    assert named == read_marts
    assert exposure.url == f"http://127.0.0.1:8501/{'' if page is PAGES[0] else page.slug}"


def test_no_query_lies_there_unused(used: dict[str, set[str]]) -> None:
    assert sorted(set().union(*used.values(), OF_EVERY_PAGE)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_query_reads_marts_that_are_not_too_large(name: str) -> None:
    assert tables(name) == set(query(name).marts)
    assert tables(name) & TOO_LARGE == set()


@pytest.mark.parametrize("name", [name for name in NAMES if "channels" in query(name).parameters])
def test_a_chosen_channel_is_all_that_a_query_counts(name: str, demo_copy: Path) -> None:
    marts = current_marts(demo_copy)
    given: dict[str, Any] = {
        **dict.fromkeys(DIMENSIONS.values(), ()),
        **{"start": DAYS.first, "end": DAYS.last, "is_weekly": True},
    }
    everything = read(marts, query(name), given)
    paid = read(marts, query(name), {**given, "channels": ("Paid Search",)})
    both = read(marts, query(name), {**given, "channels": ("Paid Search", "Paid Social")})
    counts = [
        column
        for column in ("sessions", "sessions_closed", "carts", "abandoned_carts", "conversions")
        if column in everything
    ] or ["attributed_orders"]
    column = counts[0]
    assert 0 < paid[column].sum() < both[column].sum() < everything[column].sum()


def test_results_of_a_copy_are_let_go_when_a_new_one_is_opened(
    demo_copy: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "marts.duckdb"
    changed_copy(demo_copy, copy)
    before, bounds = current_marts(copy), query("frame/sales_days")
    read(before, bounds, {})
    before.connection.close()
    read(before, bounds, {})  # from the cache
    changed_copy(demo_copy, copy)
    current_marts(copy)
    with pytest.raises(duckdb.ConnectionException):
        read(before, bounds, {})


def test_a_query_cannot_take_all_the_memory(demo_copy: Path) -> None:
    limit = "select current_setting('memory_limit')"
    assert current_marts(demo_copy).connection.execute(limit).fetchall() == [("953.6 MiB",)]


def drawn(page: Page, copy: Path) -> AppTest:
    """A page drawn without a browser, over the last 28 days of a copy."""
    app = AppTest.from_function(_draw, args=(page.slug, str(copy)), default_timeout=60)
    return app.run()


def _draw(slug: str, copy: str) -> None:
    from datetime import date  # noqa: PLC0415 (it runs as a script of its own)
    from pathlib import Path  # noqa: PLC0415

    from dashboards.app.filters import Filters, Offer, Period  # noqa: PLC0415
    from dashboards.app.marts import current_marts  # noqa: PLC0415
    from dashboards.app.view import View  # noqa: PLC0415
    from dashboards.app.views import PAGES  # noqa: PLC0415

    (page,) = [page for page in PAGES if page.slug == slug]
    days = Period(date(2025, 1, 1), date(2025, 3, 31))
    filters = Filters("last_28", Period(date(2025, 3, 4), date(2025, 3, 31)))
    page.show(View(current_marts(Path(copy)), filters, Offer(days), slug))


@pytest.fixture(scope="module")
def empty_copy(demo_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a shop that landed nothing."""
    copy = tmp_path_factory.mktemp("empty") / "marts.duckdb"
    changed_copy(demo_copy, copy, *emptied(demo_copy))
    return copy


@pytest.fixture(scope="module")
def partial_copy(demo_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that holds no mart but one."""
    copy = tmp_path_factory.mktemp("partial") / "marts.duckdb"
    names = [statement.split()[-1] for statement in emptied(demo_copy)]
    dropped = [f"drop table {name}" for name in names if name != "dim_products"]
    changed_copy(demo_copy, copy, *dropped)
    return copy


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_a_page_over_empty_marts_says_what_they_need(page: Page, empty_copy: Path) -> None:
    app = drawn(page, empty_copy)
    assert list(app.exception) == []
    assert len(app.metric) == 0
    assert len(app.dataframe) == 0
    said = [info.value for info in app.info]
    assert said
    assert all("needs" in text and "empty" in text for text in said)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_a_page_without_its_marts_says_which_are_missing(page: Page, partial_copy: Path) -> None:
    app = drawn(page, partial_copy)
    assert list(app.exception) == []
    assert len(app.metric) == 0
    said = [info.value for info in app.info]
    assert said
    assert all("not in the published copy" in text for text in said)
