"""The dashboard's entry: pages, filters, and what stands above every page.

Run it from the project's root: `python -m streamlit run dashboards/app/main.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import streamlit as st

from dashboards.app import formats
from dashboards.app.filters import Offer, Period, spoken
from dashboards.app.marts import (
    Marts,
    NoCopyError,
    NoDataError,
    current_marts,
    days_of,
    query,
    read,
)
from dashboards.app.sidebar import choose
from dashboards.app.view import View, how_to_read
from dashboards.app.views import PAGES, Page
from shoptrack.warehouse import published_path

_ICON = Path(__file__).parent / "icon.png"
# Figures two in a row on a phone; long words of the data never widen the page.
_STYLE = """
<style>
[data-testid="stMainBlockContainer"] {padding-top: 2.6rem; padding-bottom: 3rem; max-width: 1400px}
[data-testid="stMetricLabel"] p {font-size: 0.88rem; color: #52606D}
[data-testid="stMetricLabel"] * {white-space: normal; overflow: visible}
[data-testid="stMetricDelta"] {font-size: 0.85rem}
@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] {padding: 3.2rem 0.9rem 2rem}
  [data-testid="stColumn"]:has([data-testid="stMetric"]) {
    min-width: calc(50% - 0.6rem); flex: 1 1 calc(50% - 0.6rem)
  }
  [data-testid="stMetricValue"] {font-size: 1.2rem}
  [data-testid="stMetricLabel"] p {font-size: 0.8rem}
}
</style>
"""


def main() -> None:
    st.set_page_config(page_title="shoptrack", page_icon=str(_ICON), layout="wide")
    st.html(_STYLE)
    found: list[View] = []

    def drawer(page: Page) -> Callable[[], None]:
        return lambda: _draw(page, found[0])

    chosen = st.navigation(
        [
            st.Page(
                drawer(page),
                title=page.title,
                icon=page.icon,
                url_path=page.slug,
                default=number == 0,
            )
            for number, page in enumerate(PAGES)
        ]
    )
    try:
        marts = current_marts(published_path())
    except NoCopyError as reason:
        _say_what_to_do(reason)
        return
    offer = offer_of(marts)
    page = next(page for page in PAGES if page.title == chosen.title)
    found.append(View(marts, choose(offer), offer, page.slug))
    chosen.run()


def _draw(page: Page, view: View) -> None:
    st.title(page.title, anchor=False)
    period = view.filters.period
    length = f"{period.days} day{'' if period.days == 1 else 's'}"
    published_at = view.marts.about.published_at
    said = [f"**{period}** ({length}){_compared(view)}"]
    said += [f"Money in {view.currency}"] if view.currency else []
    said.append(
        f"Data up to {spoken(view.offer.days.last)}, published {published_at:%Y-%m-%d %H:%M} UTC"
    )
    st.caption(" · ".join(said))
    how_to_read(page.definitions)
    page.show(view)


def _compared(view: View) -> str:
    if not view.filters.is_compared:
        return ""
    if view.before is None:
        return ", with nothing to compare: the data begins " + spoken(view.offer.days.first)
    return f", compared with {view.before}"


def offer_of(marts: Marts) -> Offer:
    """Return what can be chosen: the days of sessions and sales, the values of the dimensions."""
    choices: dict[str, list[str]] = {}
    try:
        for row in read(marts, query("frame/choices"), {}).itertuples():
            choices.setdefault(str(row.filter_name), []).append(str(row.choice))
    except NoDataError:
        pass  # a shop without events has no channels: the filters are empty
    return Offer(_days(marts), choices)


def _days(marts: Marts) -> Period:
    found = []
    for name in ("frame/traffic_days", "frame/sales_days"):
        try:
            bounds = days_of(read(marts, query(name), {}))
        except NoDataError:
            continue
        found += [bounds] if bounds else []
    if found:
        return Period(min(first for first, _ in found), max(last for _, last in found))
    last = marts.about.published_at.date()
    return Period(last - timedelta(days=27), last)


def _say_what_to_do(reason: NoCopyError) -> None:
    st.title("Nothing published yet", anchor=False)
    st.info(formats.escaped(reason), icon=":material/database_off:")
    st.markdown(
        "The dashboard reads the published copy of the marts, never the warehouse. Build and"
        " publish, then reload this page:"
    )
    st.code("dbt build\nshoptrack publish", language="bash")
    st.markdown("Is the copy elsewhere? Start the dashboard with `SHOPTRACK_PUBLISHED` set to it.")


main()
