"""The documentation site: complete, self-contained, and as people see it in a real browser.

Pictures go to the folder that SHOPTRACK_SCREENSHOTS names, to be looked at by a person.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect, sync_playwright

from shoptrack.contract import PROJECT_ROOT
from shoptrack.documentation import dbt_docs
from shoptrack.documentation.catalogue import (
    Catalogue,
    Column,
    Mart,
    Reference,
    read_catalogue,
)
from shoptrack.documentation.dbt_docs import DbtDocs, DocumentationError, make_dbt_docs
from shoptrack.documentation.diagram import draw, standing_alone
from shoptrack.documentation.rendering import render
from shoptrack.documentation.site import build_site, find_documents, make_pages
from shoptrack.public_marts import public_marts

CHROMIUM = shutil.which("chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PHONE = 390
MILLISECONDS = 30_000  # dbt's page is a program of some megabytes
in_a_browser = pytest.mark.skipif(
    not CHROMIUM, reason="chromium is absent: apt-get install chromium"
)


@dataclass(frozen=True)
class Site:
    """A site that was made, and what dbt said of the project."""

    folder: Path
    docs: DbtDocs

    @property
    def catalogue(self) -> Catalogue:
        return read_catalogue(self.docs.manifest)

    def pages(self) -> list[Path]:
        """All pages but dbt's, which is a program of its own."""
        return sorted(self.folder.glob("*.html"))


@dataclass
class Seen(HTMLParser):
    """What a page holds: tags with their attributes."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def values(self, name: str, tag: str | None = None) -> list[str]:
        """Values of an attribute, of one kind of tag or all."""
        return [found[name] for kind, found in self.tags if name in found and tag in (None, kind)]


def see(page: Path) -> Seen:
    seen = Seen()
    seen.feed(page.read_text(encoding="utf-8"))
    return seen


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of a shop that has no warehouse yet."""
    folder = tmp_path_factory.mktemp("it's a site ü")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SHOPTRACK_LANDING", str(folder / "landing"))
        docs = build_site(folder / "site", folder / "dbt", folder / "absent.duckdb")
        yield Site(folder / "site", docs)


def declared_references() -> set[tuple[str, str, str, str, bool]]:
    """References among marts as their YAML declares them."""
    found = set()
    for file in (PROJECT_ROOT / "models" / "marts").rglob("_*__models.yml"):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            for column in model["columns"]:
                place = (model["name"], column["name"])
                for target, key, is_tested in _declared(column):
                    found.add((*place, target, key, is_tested))
    return found


def _declared(column: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    marts = {mart.name for mart in public_marts()}
    for test in column.get("data_tests", []):
        if isinstance(test, dict) and "relationships" in test:
            arguments = test["relationships"]["arguments"]
            target = re.fullmatch(r"ref\('(\w+)'\)", arguments["to"])
            assert target
            if target[1] in marts:  # others are seeds
                yield target[1], arguments["field"], True
    if joins := column.get("config", {}).get("meta", {}).get("joins"):
        target_mart, key = joins.split(".")
        yield target_mart, key, False


def test_every_mart_is_in_the_diagram_or_stands_alone(site: Site) -> None:
    seen = see(site.folder / "marts.html")
    assert Counter(seen.values("data-mart")) == Counter(mart.name for mart in public_marts())


def test_every_mart_shows_its_columns_and_its_key(site: Site) -> None:
    assert set(see(site.folder / "marts.html").values("id", "details")) == {
        mart.name for mart in public_marts()
    }
    shown = {mart.name: (mart.key, mart.columns) for mart in site.catalogue.marts}
    for mart in public_marts():
        key, columns = shown[mart.name]
        assert key == mart.key
        assert tuple(column.name for column in columns) == mart.columns
        assert tuple(column.name for column in columns if column.is_personal) == mart.personal


def test_every_declared_reference_is_a_line_and_no_other_is(site: Site) -> None:
    lines = {
        (
            *(found["data-from"], found["data-column"], found["data-to"]),
            *(found["data-to-column"], "tested" in found["class"].split()),
        )
        for tag, found in see(site.folder / "marts.html").tags
        if tag == "path"
    }
    assert lines == declared_references()


def test_references_lead_to_rows_in_the_demo_shop(site: Site, demo_copy: Path) -> None:
    """Nearly all: gift cards are no products, and dbt's tests know the conditions."""
    with duckdb.connect(str(demo_copy), read_only=True) as copy:
        for reference in site.catalogue.references:
            [(found, all_of_them)] = copy.execute(
                f"select count(*) filter (where {reference.column} in (select"
                f" {reference.target_column} from {reference.target})), count(*)"
                f" from {reference.mart} where {reference.column} is not null"
            ).fetchall()
            assert found >= 0.9 * all_of_them > 0, reference


def test_a_reference_that_is_tested_for_some_rows_says_for_which(site: Site) -> None:
    conditions = {(r.mart, r.column): r.condition for r in site.catalogue.references}
    assert conditions["fct_order_lines", "variant_id"] == "is_product"
    assert conditions["fct_order_lines", "order_id"] == ""


def test_links_within_the_site_lead_somewhere(site: Site) -> None:
    anchors = {page.name: set(see(page).values("id")) for page in site.pages()}
    broken = []
    for page in site.pages():
        seen = see(page)
        for target in [*seen.values("href"), *seen.values("src")]:
            if re.match(r"(https?|data|mailto):", target):
                continue
            path, _, anchor = target.partition("#")
            name = path or page.name
            exists = (site.folder / name).is_file()
            if not exists or (
                anchor and not name.startswith("dbt/") and anchor not in anchors[name]
            ):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_links_to_models_name_models_that_dbt_knows(site: Site) -> None:
    links = see(site.folder / "marts.html").values("href", "a")
    models = [link.partition("#!/model/")[2] for link in links if "#!/model/" in link]
    assert len(models) == len(public_marts())
    assert set(models) <= site.docs.manifest["nodes"].keys()


def test_nothing_is_loaded_from_another_address(site: Site) -> None:
    for page in site.pages():
        seen = see(page)
        loaded = [*seen.values("src"), *seen.values("href", "link"), *seen.values("srcset")]
        assert not [target for target in loaded if "//" in target], page.name
    for asset in ("site.css", "site.js"):
        text = (site.folder / asset).read_text(encoding="utf-8")
        assert not re.search(r"https?:|@import|url\(|fetch\(", text)


def test_every_document_is_a_page_and_in_the_navigation(site: Site) -> None:
    documents = find_documents(PROJECT_ROOT)
    sources = {str(document.source) for document in documents}
    assert {
        "README.md",
        *(f"docs/{path.name}" for path in (PROJECT_ROOT / "docs").glob("*.md")),
    } <= (sources)
    for page in site.pages():
        assert {document.page for document in documents} <= set(see(page).values("href", "a"))


def test_without_a_warehouse_the_site_says_what_it_lacks(site: Site) -> None:
    assert site.docs.missing is not None
    assert "there is no warehouse at" in site.docs.missing
    assert not (site.folder.parent / "absent.duckdb").exists()


def test_a_warehouse_that_holds_no_marts_yet_is_left_out_and_named(site: Site) -> None:
    """dbt compiles some models by what the first build makes."""
    empty = site.folder.parent / "absent.duckdb"
    duckdb.connect(str(empty)).close()
    docs = make_dbt_docs(site.folder.parent / "dbt", empty)
    assert docs.missing is not None
    assert "dbt could not read the warehouse" in docs.missing
    assert "does not exist" in docs.missing
    assert "One row per order" in docs.page


@pytest.mark.slow
def test_with_a_warehouse_dbts_page_has_its_catalogue(
    site: Site, demo_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = demo_copy.parent.parent
    if not (shop / "warehouse.duckdb").exists():
        pytest.skip(f"no warehouse beside {demo_copy}, which was published before")
    monkeypatch.setenv("SHOPTRACK_LANDING", str(shop / "landing"))
    shutil.copy(shop / "warehouse.duckdb", tmp_path)
    docs = make_dbt_docs(tmp_path, tmp_path / "warehouse.duckdb")
    assert docs.missing is None
    assert str(tmp_path) not in docs.page
    for text in (
        '"type": "BASE TABLE", "schema": "marts", "name": "fct_orders"',
        '"compiled": true',
    ):
        assert (text in docs.page, text in site.docs.page) == (True, False), text


def test_a_project_that_dbt_cannot_parse_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dbt_docs, "PROJECT_ROOT", tmp_path)
    with pytest.raises(
        DocumentationError, match=r"cannot document the project: .*dbt_project\.yml"
    ):
        make_dbt_docs(tmp_path, tmp_path / "absent.duckdb")


def test_links_to_files_that_are_no_pages_become_text() -> None:
    pages = {"docs/a.md": "a.html"}
    html = render("[A](docs/a.md), [`code`](b.py), [out](https://example.com)", pages.get).html
    assert html == '<p><a href="a.html">A</a>, <code>code</code>, out</p>\n'


def test_names_of_marts_lead_to_them_in_text_and_in_sql() -> None:
    html = render(
        "`fct_a` and [`fct_a`](x)\n\n```sql\nselect fct_a.b, fct_ab.c from fct_a, fct_ab\n```\n",
        lambda target: target,
        ["fct_a"],
    ).html
    assert html.count('<a href="marts.html#fct_a">') == 2  # the text's first, and the one read
    assert '<a href="x"><code>fct_a</code></a>' in html


def test_headings_have_githubs_anchors_even_twice() -> None:
    rendered = render("# A `b_c`: d, e?\n\n## Again\n\n## Again\n", lambda target: target)
    assert [h.anchor for h in rendered.headings] == ["a-b_c-d-e", "again", "again-1"]
    assert rendered.title == "A b_c: d, e?"


def test_html_in_documents_and_descriptions_is_shown_and_not_run() -> None:
    mart = Mart("fct_a", "<b>", "One row per <script>a</script>.", ("a",), (), "model.x.fct_a.v1")
    page = make_pages(PROJECT_ROOT, Catalogue((mart, _mart("fct_b")), (_reference("fct_b"),)))
    assert "<script>a" not in page["marts.html"]


def test_the_layers_keep_marts_to_the_right_of_what_they_refer_to() -> None:
    references = (_reference("fct_b"), Reference("fct_c", "a", "fct_b", "a", True))
    marts = tuple(_mart(name) for name in ("fct_a", "fct_b", "fct_c", "rpt_d"))
    catalogue = Catalogue(marts, (*references, Reference("fct_c", "a", "fct_a", "a", False)))
    svg = Seen()
    svg.feed(draw(catalogue))
    lefts = [float(found["x"]) for tag, found in svg.tags if found.get("class") == "body"]
    assert lefts == sorted(set(lefts))
    assert [mart.name for mart in standing_alone(catalogue)] == ["rpt_d"]


def test_a_reference_to_what_is_not_there_is_named() -> None:
    column: dict[str, Any] = {"name": "a", "data_type": "string", "description": "Id."}
    column["config"] = {"meta": {"joins": "fct_b.c"}}
    node = {
        "resource_type": "model",
        "fqn": ["shoptrack", "marts", "sales", "fct_a"],
        "alias": "fct_a",
        "unique_id": "model.shoptrack.fct_a.v1",
        "description": "One row per a.",
        "columns": {"a": column},
    }
    with pytest.raises(ValueError, match=r"fct_a\.a refers to fct_b\.c, which no mart has"):
        read_catalogue({"nodes": {node["unique_id"]: node}})


def test_dbts_page_does_not_say_where_it_was_made(site: Site) -> None:
    assert str(PROJECT_ROOT) not in site.docs.page
    assert str(site.folder.parent) not in site.docs.page


def test_references_that_run_in_a_circle_are_named() -> None:
    circle = (_reference("fct_b"), Reference("fct_a", "a", "fct_b", "a", True))
    with pytest.raises(ValueError, match="in a circle: fct_a, fct_b"):
        draw(Catalogue((_mart("fct_a"), _mart("fct_b")), circle))


def _mart(name: str) -> Mart:
    columns = (Column("a", "string", "Id.", is_personal=False),)
    return Mart(name, "sales", "One row per a.", ("a",), columns, f"model.shoptrack.{name}.v1")


def _reference(mart: str) -> Reference:
    return Reference(mart, "a", "fct_a", "a", is_tested=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, width: int = 1400) -> Iterator[Page]:
    """A page of a browser; what is asked from elsewhere, and what breaks, fails the test."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: _note_outside(request.url, complaints))
    yield page
    page.close()
    assert complaints == []


def _note_outside(address: str, complaints: list[str]) -> None:
    if not address.startswith(("file:", "data:", "http://127.0.0.1:")):
        complaints.append(f"asked for {address}")


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture for a person to look at."""
    if folder := os.environ.get("SHOPTRACK_SCREENSHOTS"):
        page.wait_for_timeout(500)
        page.screenshot(path=str(Path(folder) / f"site_{name}.png"))


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[str]:
    """The site on a web server; its address."""
    handler = partial(_Silent, directory=str(site.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@in_a_browser
@pytest.mark.parametrize("width", [1400, PHONE])
def test_pages_open_from_a_folder_and_fit_the_screen(
    site: Site, browser: Browser, width: int
) -> None:
    with opened(browser, width) as page:
        for path in site.pages():
            page.goto(path.as_uri())
            expect(page.locator("main h1")).to_be_visible()
            expect(page.locator("nav [aria-current]")).to_be_in_viewport()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
            keep_picture(page, f"{path.stem}_{width}")


@in_a_browser
def test_a_mart_in_the_diagram_shows_its_lines_and_leads_to_its_columns(
    site: Site, browser: Browser
) -> None:
    with opened(browser) as page:
        page.goto((site.folder / "marts.html").as_uri())
        page.locator("[data-mart=fct_order_lines]").hover()
        marked = page.locator(".card.marked")
        expect(marked).to_have_count(4)  # itself, orders, products and refunds
        keep_picture(page, "marked")
        expect(page.get_by_text("Number of lines; 0 for an order")).not_to_be_visible()
        page.locator("[data-mart=fct_orders]").click()
        expect(page.get_by_text("Number of lines; 0 for an order")).to_be_visible()


@in_a_browser
def test_marts_are_found_by_a_column(site: Site, browser: Browser) -> None:
    with opened(browser) as page:
        page.goto((site.folder / "marts.html").as_uri())
        page.get_by_label("Find a mart or column").fill("safety_stock")
        expect(page.locator("details.mart:visible")).to_have_count(1)
        expect(page.locator("details.mart:visible")).to_contain_text("rpt_inventory_health")
        page.get_by_label("Find a mart or column").fill("")
        expect(page.locator("details.mart:visible")).to_have_count(len(public_marts()))


@in_a_browser
def test_a_query_of_the_cookbook_leads_to_its_mart_and_can_be_copied(
    served: str, browser: Browser
) -> None:
    with opened(browser) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.goto(f"{served}cookbook.html#where-does-the-funnel-leak")
        query = page.locator("pre[data-language=sql]").filter(has_text="rpt_funnel_daily")
        query.hover()
        query.get_by_role("button", name="Copy").click()
        expect(query.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("with steps as (\n")
        assert copied.endswith("order by step_number\n")
        query.get_by_role("link", name="rpt_funnel_daily").click()
        expect(page.locator("#rpt_funnel_daily")).to_have_attribute("open", "")


@in_a_browser
@pytest.mark.parametrize("from_folder", [True, False], ids=["folder", "server"])
def test_dbts_docs_open_and_describe_a_mart_and_the_project(
    site: Site, served: str, browser: Browser, from_folder: bool
) -> None:
    base = f"{site.folder.as_uri()}/" if from_folder else served
    with opened(browser) as page:
        page.goto(f"{base}marts.html#fct_orders")
        page.locator("#fct_orders").get_by_text("in dbt docs").click()
        described = page.get_by_text("refunds and cancelling reduce the order").first
        expect(described).to_be_visible(timeout=MILLISECONDS)
        keep_picture(page, "dbt_mart")
    with opened(browser) as page:
        page.goto(f"{base}dbt/index.html")
        heading = page.get_by_role("heading", name="shoptrack")
        expect(heading).to_be_visible(timeout=MILLISECONDS)
        expect(page.get_by_text("auto-generated documentation")).to_have_count(0)
        page.get_by_role("link", name="Back to the documentation").click()
        expect(page.locator("nav [aria-current]")).to_have_text("Start", timeout=MILLISECONDS)
