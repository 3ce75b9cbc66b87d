"""Dates, addresses, formats and CSV of the dashboard: pure parts."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.app import formats
from dashboards.app.filters import (
    CUSTOM,
    PRESETS,
    Filters,
    Offer,
    Period,
    from_address,
    period_of,
    to_address,
)
from dashboards.app.view import Headline, change_of, ratio

DAYS = Period(date(2024, 1, 1), date(2024, 3, 15))
OFFER = Offer(DAYS, {"channels": ["Direct", "Email"], "devices": ["mobile"], "countries": ["DE"]})


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("last_7", date(2024, 3, 9), date(2024, 3, 15)),
        ("last_28", date(2024, 2, 17), date(2024, 3, 15)),
        ("this_month", date(2024, 3, 1), date(2024, 3, 15)),
        ("previous_month", date(2024, 2, 1), date(2024, 2, 29)),
        ("all", date(2024, 1, 1), date(2024, 3, 15)),
    ],
)
def test_a_preset_counts_back_from_the_newest_day(preset: str, first: date, last: date) -> None:
    assert period_of(preset, DAYS) == Period(first, last)


def test_the_period_before_is_as_long_and_ends_the_day_before() -> None:
    before = Period(date(2024, 3, 1), date(2024, 3, 15)).before()
    assert before == Period(date(2024, 2, 15), date(2024, 2, 29))
    assert before.days == 15


@pytest.mark.parametrize("preset", [preset for preset in PRESETS if preset != CUSTOM])
@pytest.mark.parametrize("is_compared", [True, False])
def test_an_address_gives_back_the_view_that_wrote_it(preset: str, is_compared: bool) -> None:
    offer = Offer(Period(date(2020, 1, 1), DAYS.last), OFFER.choices)
    period = period_of(preset, offer.days)
    filters = Filters(preset, period, ("Direct", "Email"), (), ("DE",), is_compared)
    assert from_address(to_address(filters), offer) == (filters, ())


def test_an_address_keeps_chosen_dates() -> None:
    filters = Filters(CUSTOM, Period(date(2024, 2, 3), date(2024, 2, 4)))
    assert to_address(filters) == {"dates": ["2024-02-03..2024-02-04"]}
    assert from_address(to_address(filters), OFFER) == (filters, ())


def _sidebar() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this text alone

    from dashboards.app import sidebar  # noqa: PLC0415
    from tests.python.dashboards.test_filters import OFFER  # noqa: PLC0415

    for forgotten in st.session_state.get("forgotten", ()):
        del st.session_state[forgotten]
    st.write(str(sidebar.choose(OFFER)))


def test_what_streamlit_forgets_of_the_filters_is_as_it_was_chosen() -> None:
    app = AppTest.from_function(_sidebar, default_timeout=30).run()
    app.sidebar.selectbox(key="preset").select("last_7").run()
    app.sidebar.multiselect(key="channels").select("Email").run()
    chosen = app.markdown[0].value
    app.session_state["forgotten"] = ("preset", "is_compared", "channels")
    assert app.run().markdown[0].value == chosen
    assert app.sidebar.toggle(key="is_compared").value


def test_the_default_view_needs_no_address() -> None:
    filters, complaints = from_address({}, OFFER)
    assert to_address(filters) == {}
    assert filters.period == Period(date(2024, 2, 17), date(2024, 3, 15))
    assert complaints == ()


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ({"dates": ["yesterday"]}, "dates=yesterday is not known"),
        ({"dates": ["2024-02-05..2024-02-01"]}, "is not known"),
        ({"dates": ["2019-01-01..2019-02-01"]}, "holds no data: it is of 1 Jan – 15 Mar 2024"),
        ({"channel": ["Pigeons"]}, "channel=Pigeons is not in the data"),
    ],
)
def test_what_an_address_asks_in_vain_is_said(
    address: dict[str, list[str]], complaint: str
) -> None:
    filters, complaints = from_address(address, OFFER)
    assert complaint in "".join(complaints)
    assert filters == from_address({}, OFFER)[0]


def test_chosen_dates_end_where_the_data_ends() -> None:
    filters, _ = from_address({"dates": ["2024-03-01..2024-12-31"]}, OFFER)
    assert filters.period == Period(date(2024, 3, 1), date(2024, 3, 15))


def test_figures_are_written_as_people_write_them() -> None:
    assert formats.count(1234.0) == "1,234"
    assert formats.share(0.1234) == "12.3 %"
    assert formats.change(-0.05) == "−5.0 %"
    assert formats.money("EUR")(1234.5) == "€ 1,234.50"
    assert formats.money("EUR")(-0.001) == "€ 0.00"
    assert formats.money("GBP")(-12) == "−£ 12.00"
    assert formats.money("CHF")(2_500_000) == "CHF 2,500,000"
    assert formats.money("JPY")(1234.5) == "¥ 1,234"
    assert formats.p_value(0.0004) == "< 0.001"
    assert [formats.count(unknown) for unknown in (None, float("nan"), pd.NaT)] == ["–"] * 3


def test_a_csv_holds_unrounded_figures_and_no_formula() -> None:
    rows = [("=1+1", 0.123456, 3.0, None, date(2025, 1, 2)), ("a,b", -1.5, 2, "x", None)]
    written = formats.csv_bytes(["name", "share", "n", "note", "day"], rows).decode("utf-8-sig")
    assert written.splitlines() == [
        "name,share,n,note,day",
        "'=1+1,0.123456,3,,2025-01-02",
        '"a,b",-1.5,2,x,',
    ]


@pytest.mark.parametrize(
    ("good", "now", "then", "expected"),
    [
        ("up", 110.0, 100.0, ("+10.0 %", "better")),
        ("down", 110.0, 100.0, ("+10.0 %", "worse")),
        ("down", 90.0, 100.0, ("-10.0 %", "better")),
        (None, 90.0, 100.0, ("-10.0 %", None)),
        ("up", 100.0, 100.0, ("0 %", "no change")),
        ("up", 100.0, 0.0, (None, None)),
        ("up", None, 5.0, (None, None)),
    ],
)
def test_a_change_is_judged_by_what_is_good_news(
    good: str | None, now: float | None, then: float, expected: tuple[str | None, str | None]
) -> None:
    figure = Headline("x", now, formats.count, before=then, good=good)  # type: ignore[arg-type]
    assert change_of(figure) == expected


def test_shares_change_in_percentage_points() -> None:
    figure = Headline("x", 0.25, formats.share, before=0.20, is_share=True)
    assert change_of(figure) == ("+5.0 pp", "better")


def test_a_ratio_of_nothing_is_unknown() -> None:
    assert ratio(1, 0) is None
    assert ratio(pd.Series([1, 1]), pd.Series([0, 2])).isna().tolist() == [True, False]
