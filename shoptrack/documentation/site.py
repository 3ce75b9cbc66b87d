"""Puts the pages together and writes them where the site stands."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from shoptrack.contract import PROJECT_ROOT
from shoptrack.documentation.catalogue import Catalogue, read_catalogue
from shoptrack.documentation.dbt_docs import DbtDocs, make_dbt_docs
from shoptrack.documentation.diagram import draw, standing_alone
from shoptrack.documentation.rendering import MARTS_PAGE, render

DBT_PAGE = "dbt/index.html"
_LOOK = Path(__file__).parent / "look"
_ASSETS = ("site.css", "site.js")
_PICTURES = PurePosixPath("docs/images")
# What is read first stands first; other documents of docs/ come after, by name.
_LABELS = {
    "README.md": "Start",
    "docs/definitions.md": "Definitions",
    "docs/cookbook.md": "Cookbook",
    "docs/metrics.md": "Metrics",
    "docs/bi.md": "BI tools",
    "docs/superset.md": "Superset",
    "docs/worked_example.md": "Worked example",
    "docs/sources.md": "Other systems",
    "docs/operating.md": "Operating",
}
_LAST = {
    "CONTRIBUTING.md": "Contributing",
    "DECISIONS.md": "Decisions",
    "CHANGELOG.md": "Changes",
}


@dataclass(frozen=True)
class Document:
    """A Markdown file of the project and the page that it becomes."""

    source: PurePosixPath
    page: str
    label: str


def find_documents(root: Path) -> tuple[Document, ...]:
    """Documents of the project in the order of the navigation."""
    others = sorted(f"docs/{path.name}" for path in (root / "docs").glob("*.md"))
    labels = {**_LABELS, **{name: _label(name) for name in others if name not in _LABELS}, **_LAST}
    return tuple(
        Document(PurePosixPath(name), _page(name), label)
        for name, label in labels.items()
        if (root / name).exists()
    )


def build_site(folder: Path, dbt_folder: Path, warehouse: Path) -> DbtDocs:
    """Make the site in `folder`, in place of one that is there; `dbt_folder` is dbt's to keep.

    Raises DocumentationError when dbt cannot parse the project, ValueError when marts refer to what
    is not there, or in a circle.
    """
    docs = make_dbt_docs(dbt_folder, warehouse)
    pages = make_pages(PROJECT_ROOT, read_catalogue(docs.manifest))
    _write({**pages, DBT_PAGE: docs.page}, folder)
    return docs


def make_pages(root: Path, catalogue: Catalogue) -> dict[str, str]:
    """Return all pages but dbt's, by their paths in the site."""
    documents = find_documents(root)
    environment = Environment(
        loader=FileSystemLoader(_LOOK), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    navigation = [(document.page, document.label) for document in documents]
    navigation.insert(2, (MARTS_PAGE, "Marts"))
    environment.globals.update(navigation=navigation, dbt_page=DBT_PAGE, marts_page=MARTS_PAGE)
    names = [mart.name for mart in catalogue.marts]
    pages = {MARTS_PAGE: _marts_page(environment, catalogue)}
    template = environment.get_template("document.html")
    for document in documents:
        text = (root / document.source).read_text(encoding="utf-8")
        rendered = render(text, partial(_resolve, document.source, documents), names)
        pages[document.page] = template.render(
            page=document.page,
            title=rendered.title,
            headings=[heading for heading in rendered.headings if heading.level in (2, 3)],
            body=Markup(rendered.html),
        )
    return pages


def _marts_page(environment: Environment, catalogue: Catalogue) -> str:
    names = [mart.name for mart in catalogue.marts]
    return environment.get_template("marts.html").render(
        page=MARTS_PAGE,
        title="Marts",
        catalogue=catalogue,
        diagram=Markup(draw(catalogue)),
        alone=standing_alone(catalogue),
        said=lambda text: Markup(render(text, lambda _: None, names).html),
    )


def _resolve(source: PurePosixPath, documents: tuple[Document, ...], target: str) -> str | None:
    """Where a link in a document leads on the site; None where the site does not have it."""
    if "://" in target or target.startswith(("#", "mailto:")):
        return target
    path, _, anchor = target.partition("#")
    wanted = PurePosixPath(os.path.normpath(source.parent / path))
    for document in documents:
        if document.source == wanted:
            return document.page + (f"#{anchor}" if anchor else "")
    return f"{_PICTURES.name}/{wanted.name}" if wanted.parent == _PICTURES else None


def _page(name: str) -> str:
    return "index.html" if name == "README.md" else f"{PurePosixPath(name).stem.lower()}.html"


def _label(name: str) -> str:
    return PurePosixPath(name).stem.replace("_", " ").capitalize()


def _write(pages: Mapping[str, str], folder: Path) -> None:
    """Write beside and put in place, so that a failure leaves the site before as it was."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".site-") as temporary:
        made = Path(temporary) / "site"
        for name, text in pages.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for asset in _ASSETS:
            shutil.copy(_LOOK / asset, made / asset)
        shutil.copytree(PROJECT_ROOT / _PICTURES, made / _PICTURES.name)
        if folder.exists():
            folder.rename(Path(temporary) / "before")
        made.rename(folder)
