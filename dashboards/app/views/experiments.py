"""Did it work, and can the result be believed?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards.app import charts, formats
from dashboards.app.view import (
    Column,
    Headline,
    View,
    section,
    show_chart,
    show_headlines,
    show_table,
)

DEFINITIONS = """
- **Unit**: what was exposed, a visitor or a customer, from its first exposure; outcomes count
  after it only.
- **Lift** = value / the control's value − 1, with its 95 % interval by the delta method.
- **Adjusted p**: Holm over all metrics and variants of one experiment. **Significant**: adjusted
  p below 0.05, and no sample-ratio mismatch.
- **Sample-ratio mismatch** (χ², p < 0.001): units were lost or added on one side, so no result
  can be trusted.
- **CUPED**: the lift corrected by the same metric in the days before each unit's exposure.
- **Detectable lift**: the smallest true lift that would be found with a power of 80 %, given the
  units so far.
- **Always valid p**: stays right however often one looks.
"""
_YES, _NO, _VOID = "significant", "not significant", "not to be trusted"


def show(view: View) -> None:
    """Draw the page."""
    with section(view, "Experiments", "experiments/results"):
        frame = view.rows("experiments/results")
        show_headlines(_headlines(frame))
        for number, (_, results) in enumerate(frame.groupby("experiment_id", sort=False)):
            _experiment(view, results, number)


def _headlines(frame: pd.DataFrame) -> list[Headline]:
    by_experiment = frame.groupby("experiment_id")
    is_running = frame["ended_at"].isna() | (frame["ended_at"] > frame["as_of_at"])
    return [
        Headline("Experiments", by_experiment.ngroups, formats.count),
        Headline("Running", frame[is_running]["experiment_id"].nunique(), formats.count),
        Headline(
            "With a significant result",
            int(by_experiment["is_significant"].any().sum()),
            formats.count,
        ),
        Headline("Sample-ratio alarms", int(by_experiment["has_srm"].any().sum()), formats.count),
    ]


def _experiment(view: View, results: pd.DataFrame, number: int) -> None:
    first = results.iloc[0]
    name = formats.text(first["experiment"])
    st.subheader(formats.escaped(name), anchor=False, divider="gray")
    _say_how_it_stands(first, results)
    compared = results[~results["is_control"].fillna(False) & results["lift"].notna()]
    if compared.empty:
        st.info("Without a control nothing is compared: see is_control in web\\.experiments.")
    else:
        variants = compared["variant"].nunique()
        label = compared["metric"].map(formats.words)
        if variants > 1:
            label = label + " · " + compared["variant"]
        verdict = [_verdict(row) for row in compared.itertuples()]
        shown = compared.assign(name=label, value=compared["lift"], verdict=verdict)
        unit = charts.changed("Lift over the control, 95 % interval")
        chart = charts.intervals(shown, unit, (_YES, _NO, _VOID))
        show_chart(chart, f"Lift of each metric of {name} with 95 % intervals")
    show_table(view, _table(results), _columns(), f"results_{number}")


def _verdict(row: object) -> str:
    if row.has_srm:  # type: ignore[attr-defined]
        return _VOID
    return _YES if row.is_significant else _NO  # type: ignore[attr-defined]


def _say_how_it_stands(first: pd.Series, results: pd.DataFrame) -> None:
    ended = "still running" if pd.isna(first["ended_at"]) else formats.day(first["ended_at"])
    units = results.drop_duplicates("variant")
    split = ", ".join(f"{row.variant} {formats.count(row.units)}" for row in units.itertuples())
    mixed = f" · {formats.count(first['mixed_units'])} saw both and are left out"
    st.caption(
        formats.escaped(
            f"{formats.day(first['started_at'])} – {ended} · units: {split}"
            f"{mixed if first['mixed_units'] else ''}"
        )
    )
    p_value = formats.p_value(first["srm_p_value"])
    if first["has_srm"]:
        st.error(
            f"**Sample-ratio mismatch** (p {formats.escaped(p_value)}):"
            " the groups do not fit the planned shares. Units were lost or added on one side; find"
            " out why before you believe any of these results.",
            icon=":material/error:",
        )
    else:
        is_assumed = first["is_planned_share_assumed"]
        plan = "equal shares, none were planned" if is_assumed else "the plan"
        st.caption(f"Sample ratio fits {plan} (p {formats.escaped(p_value)}).")


def _table(results: pd.DataFrame) -> pd.DataFrame:
    """Return results with values as texts, because a rate and an amount share the column."""
    value = [
        formats.fine_share(row.value)
        if row.metric_kind == "proportion"
        else formats.decimal(3)(row.value)
        for row in results.itertuples()
    ]
    primary = results["is_primary_metric"].map({True: " ★", False: ""})
    verdict = ["control" if row.is_control else _verdict(row) for row in results.itertuples()]
    return results.assign(
        metric=results["metric"].map(formats.words) + primary, value=value, verdict=verdict
    )


def _columns() -> dict[str, Column]:
    return {
        "metric": Column("Metric", help="★ the one that decides"),
        "variant": Column("Variant"),
        "units": Column("Units", formats.count),
        "value": Column("Value"),
        "lift": Column("Lift", formats.change),
        "ci_low": Column("95 % from", formats.change),
        "ci_high": Column("95 % to", formats.change),
        "p_value": Column("p", formats.p_value),
        "adjusted_p_value": Column("Adjusted p", formats.p_value, "Holm"),
        "verdict": Column("Verdict"),
        "cuped_lift": Column("CUPED lift", formats.change),
        "minimal_detectable_effect": Column("Detectable lift", formats.share),
        "always_valid_p_value": Column("Always valid p", formats.p_value),
    }
