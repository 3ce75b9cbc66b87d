"""The filters beside every page; the address says what they are, so that it can be shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboards.app.filters import (
    CUSTOM,
    DIMENSIONS,
    PRESETS,
    Filters,
    Offer,
    Period,
    from_address,
    period_of,
    to_address,
    within,
)
from dashboards.app.formats import escaped

_LABELS = {"channels": "Channel", "devices": "Device", "countries": "Country"}


def choose(offer: Offer) -> Filters:
    """Draw the filters and return what is chosen, which the address then says too."""
    address = {name: tuple(st.query_params.get_all(name)) for name in st.query_params}
    _follow(address, offer)
    with st.sidebar:
        filters = _draw(offer)
    _tell(filters, address)
    return filters


def _follow(address: Mapping[str, tuple[str, ...]], offer: Offer) -> None:
    """Take over an address that this dashboard did not write itself: a shared view.

    Streamlit empties the address when the page is changed; then the choice stays as it is.
    """
    written: list[Any] = st.session_state.setdefault("written_addresses", [])
    if written and (not address or address in written):
        _keep_to(offer)
        return
    filters, complaints = from_address(address, offer)
    written.append(address)
    st.session_state["preset"] = filters.preset
    st.session_state["dates"] = (filters.period.first, filters.period.last)
    st.session_state["is_compared"] = filters.is_compared
    for dimension in DIMENSIONS.values():
        st.session_state[dimension] = list(getattr(filters, dimension))
    for complaint in complaints:
        st.warning(f"The address was not understood: {escaped(complaint)}.")


def _keep_to(offer: Offer) -> None:
    """Keep what is chosen, and drop choices that a newly published copy no longer offers.

    Streamlit forgets widgets that the browser does not name when it asks for another page, which
    may happen where the click comes before a page is drawn to its end.
    """
    for name, value in st.session_state.get("last_choices", {}).items():
        st.session_state[name] = st.session_state.get(name, value)
    for dimension in DIMENSIONS.values():
        known = offer.choices.get(dimension, ())
        chosen = st.session_state.get(dimension, [])
        st.session_state[dimension] = [value for value in chosen if value in known]


def _draw(offer: Offer) -> Filters:
    preset = st.selectbox(
        "Dates",
        list(PRESETS),
        format_func=PRESETS.__getitem__,
        key="preset",
        help="Counted back from the newest day in the data.",
    )
    custom = _draw_dates(offer.days) if preset == CUSTOM else None
    period = within(period_of(preset, offer.days, custom), offer.days) or offer.days
    st.session_state["last_dates"] = (period.first, period.last)
    is_compared = st.toggle(
        "Compare with the period before",
        key="is_compared",
        help="Of equal length, ending the day before.",
    )
    chosen = {
        dimension: tuple(
            st.multiselect(
                _LABELS[dimension],
                list(offer.choices.get(dimension, ())),
                key=dimension,
                placeholder="All",
                disabled=not offer.choices.get(dimension),
            )
        )
        for dimension in DIMENSIONS.values()
    }
    st.session_state["last_choices"] = {"preset": preset, "is_compared": is_compared, **chosen}
    return Filters(preset, period, is_compared=is_compared, **chosen)


def _draw_dates(days: Period) -> Period:
    if "dates" not in st.session_state:  # what was shown before dates were to be chosen
        st.session_state["dates"] = st.session_state.get("last_dates", (days.first, days.last))
    held = tuple(min(max(day, days.first), days.last) for day in st.session_state["dates"])
    if held != tuple(st.session_state["dates"]):  # to set it anew would undo a choice half made
        st.session_state["dates"] = held
    chosen = st.date_input(
        "From and to",
        min_value=days.first,
        max_value=days.last,
        format="YYYY-MM-DD",
        key="dates",
    )
    ends = list(chosen) if isinstance(chosen, tuple) else [chosen]
    if len(ends) < 2:
        st.caption("Choose the last day too.")
        ends = (ends or [days.first]) * 2
    return Period(ends[0], ends[-1])


def _tell(filters: Filters, address: Mapping[str, tuple[str, ...]]) -> None:
    wanted = {name: tuple(values) for name, values in to_address(filters).items()}
    if wanted != address:
        st.query_params.from_dict(wanted)
    written = st.session_state["written_addresses"]
    if wanted not in written:
        written.append(wanted)
