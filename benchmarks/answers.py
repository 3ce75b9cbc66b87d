"""How long who looks at the published copy waits.

    python -m benchmarks.answers cookbook COPY RESULTS
    python -m benchmarks.answers dashboard COPY RESULTS

asks every query of docs/cookbook.md, or draws every page of the dashboard over the copy's last 28
days with nothing cached (the server's part, without a browser: see benchmarks.dashboard for that),
five times each, and writes the seconds that each took to a JSON file.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import duckdb

from shoptrack.contract import PROJECT_ROOT
from tests.python.documented_answers import queries

COOKBOOK = PROJECT_ROOT / "docs" / "cookbook.md"
TIMES = 5
_QUESTION = re.compile(r"^### (.+)$", re.MULTILINE)


def questions() -> dict[str, str]:
    """Queries of the cookbook by their question."""
    asked = _QUESTION.findall(COOKBOOK.read_text(encoding="utf-8"))
    return dict(zip(asked, queries(COOKBOOK), strict=True))


def cookbook(copy: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Each question with what answers it and returns the seconds that it took."""
    connection = duckdb.connect(str(copy), read_only=True, config={"threads": 2})

    def ask(query: str) -> float:
        begun = time.perf_counter()
        connection.execute(query).fetchall()
        return time.perf_counter() - begun

    for question, query in questions().items():
        yield question, partial(ask, query)


def dashboard(copy: Path) -> Iterator[tuple[str, Callable[[], float]]]:
    """Each page with what draws it and returns the seconds that it took."""
    import streamlit as st  # noqa: PLC0415  (seconds to load, and only the dashboard needs it)
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415

    from dashboards.app.views import PAGES  # noqa: PLC0415

    def draw(slug: str) -> float:
        st.cache_data.clear()
        app = AppTest.from_function(_page, args=(slug, str(copy)), default_timeout=600).run()
        if app.exception:
            raise RuntimeError(f"page {slug}: {app.exception[0].message}")
        return float(app.session_state["seconds"])

    for page in PAGES:
        yield page.slug, partial(draw, page.slug)


def _page(slug: str, copy: str) -> None:
    # It runs as a script of its own, and takes its time itself: AppTest looks through all installed
    # packages before every run, which a server does once.
    import time  # noqa: PLC0415
    from datetime import timedelta  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    import streamlit as st  # noqa: PLC0415

    from dashboards.app.filters import Filters, Offer, Period  # noqa: PLC0415
    from dashboards.app.marts import current_marts, days_of, query, read  # noqa: PLC0415
    from dashboards.app.view import View  # noqa: PLC0415
    from dashboards.app.views import PAGES  # noqa: PLC0415

    begun = time.perf_counter()
    (page,) = [page for page in PAGES if page.slug == slug]
    marts = current_marts(Path(copy))
    days = days_of(read(marts, query("frame/traffic_days"), {}))
    assert days is not None
    last_28 = Period(days[1] - timedelta(days=27), days[1])
    page.show(View(marts, Filters("last_28", last_28), Offer(Period(*days)), slug))
    st.session_state["seconds"] = time.perf_counter() - begun


def main(what: str, copy: Path, results: Path) -> None:
    """Measure and write."""
    asked = {"cookbook": cookbook, "dashboard": dashboard}[what](copy)
    seconds = {name: [answer() for _ in range(TIMES)] for name, answer in asked}
    results.write_text(json.dumps(seconds))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
