"""What pages are made of: queries under the filters, headline figures, sections, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import streamlit as st

from dashboards.app import formats
from dashboards.app.filters import DIMENSIONS, Filters, Offer, Period
from dashboards.app.marts import Marts, NoDataError, query, read

_SINGULAR = {dimension: name for name, dimension in DIMENSIONS.items()}
_ROWS_SHOWN_AT_ONCE = 14


@dataclass(frozen=True)
class Column:
    """A column as people see it: its label, how its figures are written, what it means."""

    label: str
    write: formats.Format = formats.text
    help: str | None = None
    width: Literal["small", "medium", "large"] | None = None


@dataclass(frozen=True)
class Headline:
    """A headline figure and the same of the period before.

    good: the direction that is good news, None where neither is. is_share: the change is told in
    percentage points. daily: its course within the period.
    """

    label: str
    value: float | None
    write: formats.Format
    before: float | None = None
    good: Literal["up", "down"] | None = "up"
    is_share: bool = False
    help: str | None = None
    daily: Sequence[float] | None = None


@dataclass(frozen=True)
class View:
    """The published copy under the filters of a user."""

    marts: Marts
    filters: Filters
    offer: Offer
    page: str

    @property
    def currency(self) -> str:
        return self.marts.about.currency or ""

    @property
    def money(self) -> formats.Format:
        return formats.money(self.currency)

    @property
    def before(self) -> Period | None:
        """The period to compare with; None where that is off or the data begins within it."""
        period = self.filters.period.before()
        is_known = period.first >= self.offer.days.first
        return period if self.filters.is_compared and is_known else None

    def rows(self, name: str, period: Period | None = None, **more: Any) -> pd.DataFrame:
        """Return the rows of a query for a period, the chosen one unless said.

        Raises NoDataError.
        """
        period = period or self.filters.period
        parameters = {
            "start": period.first,
            "end": period.last,
            **{name: getattr(self.filters, name) for name in DIMENSIONS.values()},
            **more,
        }
        return read(self.marts, query(name), parameters)

    def rows_before(self, name: str, **more: Any) -> pd.DataFrame | None:
        """Return the rows of the period before; None where there is nothing to compare with."""
        if self.before is None:
            return None
        try:
            return self.rows(name, self.before, **more)
        except NoDataError:
            return None

    def daily(self, name: str) -> tuple[pd.DataFrame, pd.DataFrame | None]:
        """Return a row per day of the period and of the one before; days without rows are 0."""
        before = self.rows_before(name)
        current = _every_day(self.rows(name), self.filters.period)
        if before is None or self.before is None:
            return current, None
        return current, _every_day(before, self.before)

    def limits(self, *names: str) -> str:
        """Say which of the user's filters these queries cannot follow."""
        takes = frozenset.union(*(query(name).parameters for name in names))
        ignored = [_SINGULAR[name] for name in self.filters.chosen if name not in takes]
        said = [f"not split by {', '.join(ignored)}"] if ignored else []
        if not takes & {"start", "end"}:
            said.append("as of the newest data, not cut by the dates")
        return "; ".join(said).capitalize()


def _every_day(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    days = pd.date_range(period.first, period.last, name="day")
    filled = frame.set_index("day").reindex(days).fillna(0).reset_index()
    return filled


def ratio(part: Any, whole: Any) -> Any:
    """Return part / whole, of numbers or of columns; unknown where the whole is 0."""
    if isinstance(whole, pd.Series):
        return part / whole.where(whole != 0)
    if formats.is_unknown(part) or formats.is_unknown(whole) or whole == 0:
        return None
    return part / whole


def distinct(titles: Sequence[str]) -> list[str]:
    """Return titles that differ: two things of one name would share a bar."""
    return [
        title if titles.index(title) == place else f"{title} ({titles[: place + 1].count(title)})"
        for place, title in enumerate(titles)
    ]


def headline(
    frames: tuple[pd.DataFrame, pd.DataFrame | None],
    label: str,
    write: formats.Format,
    measure: Callable[[Any], Any],
    *,
    is_final: Callable[[pd.DataFrame], pd.Series] | None = None,
    **more: Any,
) -> Headline:
    """Return a headline figure from daily frames: the measure of their sums, and of each day.

    is_final: which days are final; the others are not drawn.
    """
    current, before = frames
    drawn = current if is_final is None else current[is_final(current)]
    course = pd.Series(measure(drawn)).astype(float).dropna()
    return Headline(
        label,
        measure(_sums(current)),
        write,
        before=None if before is None else measure(_sums(before)),
        daily=list(course) if len(course) > 1 else None,
        **more,
    )


def carts_are_final(carts: pd.DataFrame) -> pd.Series:
    """Say of each day whether none of its carts is open any more."""
    return carts["open_carts"] == 0


def _sums(frame: pd.DataFrame) -> Mapping[str, float]:
    return {name: frame[name].sum() for name in frame.columns if name != "day"}


def show_headlines(figures: Sequence[Headline], columns: int = 4) -> None:
    """Draw headline figures in a row, or in rows of so many."""
    for begin in range(0, len(figures), columns):
        places = st.columns(columns)
        for place, figure in zip(places, figures[begin : begin + columns], strict=False):
            with place:
                _show(figure)


def _show(figure: Headline) -> None:
    delta, verdict = change_of(figure)
    st.metric(
        figure.label,
        figure.write(figure.value),
        delta,
        delta_color=_colour(figure, verdict),
        delta_description=verdict,
        help=figure.help,
        border=True,
        chart_data=figure.daily,
        chart_type="area",
        height="stretch",
    )


def change_of(figure: Headline) -> tuple[str | None, str | None]:
    """Return the change since the period before as it is written, and what to think of it."""
    now, then = figure.value, figure.before
    if now is None or then is None or formats.is_unknown(now) or formats.is_unknown(then):
        return None, None
    places = 2 if figure.write is formats.fine_share else 1
    if figure.is_share:
        difference = 100 * (now - then)
        written = f"{difference:+.{places}f} pp"
    elif then == 0:
        return None, None
    else:
        difference = 100 * (now - then) / abs(then)
        written = f"{difference:+,.1f} %"
    if round(difference, places) == 0:
        return "0 pp" if figure.is_share else "0 %", "no change"
    if figure.good is None:
        return written, None
    return written, "better" if (difference > 0) == (figure.good == "up") else "worse"


def _colour(figure: Headline, verdict: str | None) -> Literal["normal", "inverse", "off"]:
    if verdict not in ("better", "worse"):
        return "off"
    return "normal" if figure.good == "up" else "inverse"


@contextmanager
def section(view: View, title: str, *names: str, note: str = "") -> Iterator[None]:
    """Draw a titled part of a page over queries; one without data says so in its place.

    note: what a reader has to know beside the title. Filters that the queries cannot follow are
    named under it.
    """
    with st.container(gap="small"):
        st.subheader(title, anchor=False)
        limits = view.limits(*names) if names else ""
        said = [part for part in (note, limits) if part]
        if said:
            st.caption(" · ".join(said))
        try:
            yield
        except NoDataError as reason:
            st.info(formats.escaped(reason), icon=":material/database_off:")


def show_chart(chart: Any, description: str) -> None:
    """Draw a chart as wide as its place; the description is for those who cannot see it."""
    st.altair_chart(
        chart.configure_view(stroke=None).configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal"
        ),
        width="stretch",
        alt=description,
    )


def show_table(view: View, frame: pd.DataFrame, columns: Mapping[str, Column], name: str) -> None:
    """Draw a sortable table, and a button that downloads exactly these rows and columns as CSV."""
    shown = frame[list(columns)].rename(
        columns={column: spec.label for column, spec in columns.items()}
    )
    written = shown.style.format({spec.label: spec.write for spec in columns.values()})
    st.dataframe(
        written,
        hide_index=True,
        height="content" if len(shown) <= _ROWS_SHOWN_AT_ONCE else "auto",
        column_config={
            spec.label: st.column_config.Column(help=spec.help, width=spec.width)
            for spec in columns.values()
        },
        placeholder=formats.UNKNOWN,
        key=f"table_{view.page}_{name}",
    )
    period = view.filters.period
    st.download_button(
        f"CSV, {len(shown):,} {'row' if len(shown) == 1 else 'rows'}",
        formats.csv_bytes(list(shown.columns), shown.itertuples(index=False)),
        f"{view.page}_{name}_{period.first:%Y%m%d}_{period.last:%Y%m%d}.csv",
        "text/csv",
        key=f"download_{view.page}_{name}",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def how_to_read(text: str) -> None:
    """Draw the page's definitions, folded."""
    with st.expander("How to read this", icon=":material/menu_book:"):
        st.markdown(text)
