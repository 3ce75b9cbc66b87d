"""Charts, from frames to Altair: pure, with titles of axes, units and tooltips.

No colour says anything alone: lines differ in their dashes too, bars carry their figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
SKY, VERMILLION, GREY, BLACK = "#56B4E9", "#D55E00", "#767676", "#000000"
INK = "#3D4852"
# GA4's channel groups that shops see most have colours of their own, the same on every page.
CHANNEL_COLOURS = {
    "Direct": GREY,
    "Organic Search": BLUE,
    "Paid Search": ORANGE,
    "Organic Social": PINK,
    "Paid Social": VERMILLION,
    "Email": GREEN,
    "Referral": SKY,
    "Display": BLACK,
}
_OTHER_COLOURS = ("#8A6D00", "#5B4B8A", "#7A3E48", "#2F6B6B")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [4, 4], [10, 4])
# Streamlit counts titles, labels and legends in a chart's height.
_HEIGHT = 260
_AXIS, _LEGEND = 55, 35
_LONGEST_LABEL = 190  # pixels: a third of a phone's width is left for the bars
_TIME_TICKS = 6
# 950, 1,200, 25 k, 3.5 M: as expressions of Vega, because d3 gives all ticks one prefix, 0 too.
_SHORT = (
    "abs(datum.value) >= 1e6 ? format(datum.value / 1e6, ',.3~f') + ' M'"
    " : abs(datum.value) >= 1e4 ? format(datum.value / 1e3, ',.3~f') + ' k'"
    " : format(datum.value, ',.6~f')"
)
_PERCENT = "format(datum.value * 100, ',.3~f') + ' %'"
_CHANGE = "(datum.value > 0 ? '+' : '') + format(datum.value * 100, ',.3~f') + ' %'"
NOW, BEFORE = "This period", "Period before"


@dataclass(frozen=True)
class Unit:
    """How a measure is written: its title, Vega's expression of a tick, d3's format elsewhere."""

    title: str
    axis: str = _SHORT
    full: str = ",.0f"


def counted(title: str) -> Unit:
    return Unit(title)


def shared(title: str, places: int = 1) -> Unit:
    return Unit(title, _PERCENT, f".{places}%")


def changed(title: str) -> Unit:
    return Unit(title, _CHANGE, "+.1%")


def paid(title: str, currency: str) -> Unit:
    return Unit(f"{title} ({currency})" if currency else title, full=",.2f")


def over_time(
    current: pd.DataFrame, before: pd.DataFrame | None, measure: str, unit: Unit
) -> alt.Chart:
    """Return a line per day, and the period before it dashed on the same days.

    current, before: columns `day` and the measure, one row per day of their periods.
    """
    frames = [current.assign(shown_on=current["day"], line=NOW)]
    if before is not None:
        shift = current["day"].min() - before["day"].min()
        frames.append(before.assign(shown_on=before["day"] + shift, line=BEFORE))
    frame = pd.concat(frames)[["shown_on", "day", "line", measure]]
    lines = [NOW] if before is None else [NOW, BEFORE]
    legend = alt.Legend(title=None, orient="top") if before is not None else None
    is_short = len(current) == 1
    chart: alt.Chart = (
        alt.Chart(frame, height=_HEIGHT)
        .mark_line(strokeWidth=2, point=is_short)
        .encode(
            x=_days(frame["shown_on"]),
            y=alt.Y(f"{measure}:Q", title=unit.title, axis=_figures(unit)),
            color=alt.Color(
                "line:N", scale=alt.Scale(domain=lines, range=[BLUE, GREY]), legend=legend
            ),
            strokeDash=alt.StrokeDash(
                "line:N", scale=alt.Scale(domain=lines, range=[[1, 0], [4, 3]]), legend=legend
            ),
            strokeWidth=alt.condition(alt.datum.line == NOW, alt.value(2.2), alt.value(1.4)),
            tooltip=[
                alt.Tooltip("line:N", title="Period"),
                alt.Tooltip("day:T", title="Day", format="%a %d %b %Y"),
                alt.Tooltip(f"{measure}:Q", title=unit.title, format=unit.full),
            ],
        )
    )
    return chart


def lines(
    frame: pd.DataFrame, measure: str, group: str, unit: Unit, colours: Sequence[str] = ()
) -> alt.Chart:
    """Return a line per group over time; groups in the order in which the frame names them first.

    frame: columns `day`, the group and the measure.
    """
    names = list(dict.fromkeys(frame[group]))
    scale = alt.Scale(domain=names, range=list(colours) or channel_colours(names))
    dashes = alt.Scale(domain=names, range=[_DASHES[i % len(_DASHES)] for i in range(len(names))])
    legend = alt.Legend(title=None, orient="top", columns=3, symbolSize=250, labelLimit=170)
    chart: alt.Chart = (
        alt.Chart(frame, height=_HEIGHT)
        .mark_line(strokeWidth=2, point=frame["day"].nunique() == 1)
        .encode(
            x=_days(frame["day"]),
            y=alt.Y(f"{measure}:Q", title=unit.title, axis=_figures(unit)),
            color=alt.Color(f"{group}:N", scale=scale, sort=names, legend=legend),
            strokeDash=alt.StrokeDash(f"{group}:N", scale=dashes, sort=names, legend=legend),
            tooltip=[
                alt.Tooltip(f"{group}:N", title=group.capitalize()),
                alt.Tooltip("day:T", title="From", format="%a %d %b %Y"),
                alt.Tooltip(f"{measure}:Q", title=unit.title, format=unit.full),
            ],
        )
    )
    return chart


def channel_colours(channels: Sequence[str]) -> list[str]:
    """Return the colour of each channel, the same whatever else is shown."""
    return [_channel_colour(channel) for channel in channels]


def _channel_colour(channel: str) -> str:
    by_name = sum(channel.encode()) % len(_OTHER_COLOURS)
    return CHANNEL_COLOURS.get(channel, _OTHER_COLOURS[by_name])


def bars(frame: pd.DataFrame, unit: Unit, colour: str = BLUE) -> alt.LayerChart:
    """Return lying bars in the frame's order, each with its figure at its end.

    frame: `name`, `value`, and `written`, the figure as people read it.
    """
    values = frame["value"].astype(float)
    room = alt.Scale(domain=[min(values.min(), 0.0), (values.max() or 1.0) * 1.28], nice=False)
    base = alt.Chart(frame[["name", "value", "written"]]).encode(
        y=_names(list(frame["name"])),
        x=alt.X("value:Q", title=unit.title, scale=room, axis=_figures(unit)),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("written:N", title=unit.title)],
    )
    figures = base.mark_text(align="left", dx=4, color=INK).encode(text="written:N")
    layers: alt.LayerChart = base.mark_bar(color=colour, size=16) + figures
    return layers.properties(height=26 * len(frame) + _AXIS + 8)


def grouped_bars(frame: pd.DataFrame, unit: Unit) -> alt.LayerChart:
    """Return lying bars, the two kinds of a name one below the other, with their figures.

    frame: `name`, `kind`, `value`.
    """
    kinds = list(dict.fromkeys(frame["kind"]))
    room = alt.Scale(domain=[0, float(frame["value"].max() or 1) * 1.22], nice=False)
    base = alt.Chart(frame).encode(
        y=_names(list(dict.fromkeys(frame["name"]))),
        yOffset=alt.YOffset("kind:N", sort=kinds),
        x=alt.X("value:Q", title=unit.title, scale=room, axis=_figures(unit)),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("kind:N", title="Kind"),
            alt.Tooltip("value:Q", title=unit.title, format=unit.full),
        ],
    )
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=kinds, range=[BLUE, SKY]),
        legend=alt.Legend(title=None, orient="top"),
    )
    figures = base.mark_text(align="left", dx=4, color=INK).encode(
        text=alt.Text("value:Q", format=unit.full)
    )
    layers: alt.LayerChart = base.mark_bar().encode(color=colour) + figures
    return layers.properties(height=20 * len(frame) + _AXIS + _LEGEND)


def heat_map(
    frame: pd.DataFrame,
    unit: Unit,
    titles: tuple[str | None, str | None],
    rows: Sequence[str],
    columns: Sequence[str],
) -> alt.LayerChart:
    """Return a grid of shaded cells with their figures; cells without a row stay blank.

    frame: `row`, `column`, `value`, and `written`, the figure as people read it. titles: of the
    rows and of the columns.
    """
    angle = -35 if len(columns) > 6 else 0
    above = alt.Axis(orient="top", labelAngle=angle, labelLimit=110, ticks=False)
    beside = alt.Axis(labelLimit=130, ticks=False, labelOverlap=False)
    base = alt.Chart(frame[["row", "column", "value", "written"]]).encode(
        x=alt.X("column:N", sort=list(columns), title=titles[1], axis=above),
        y=alt.Y("row:N", sort=list(rows), title=titles[0], axis=beside),
        tooltip=[
            alt.Tooltip("row:N", title=titles[0] or " "),
            alt.Tooltip("column:N", title=titles[1] or " "),
            alt.Tooltip("written:N", title=unit.title),
        ],
    )
    highest = float(frame["value"].max()) or 1.0
    shades = alt.Scale(domain=[0, highest], range=["#EEF5FA", "#0F5A8C"])
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color("value:Q", scale=shades, legend=None)
    )
    is_dark = alt.datum.value > highest * 0.5
    figures = base.mark_text().encode(
        text="written:N", color=alt.condition(is_dark, alt.value("white"), alt.value(BLACK))
    )
    layers: alt.LayerChart = cells + figures
    return layers.properties(height=34 * len(rows) + _AXIS + (30 if angle else 0))


def forecast_band(history: pd.DataFrame, forecast: pd.DataFrame) -> alt.LayerChart:
    """Return units sold, then the forecast with the band from p10 to p90.

    history: `day`, `units`. forecast: `day`, `forecast`, `p10`, `p90`.
    """
    known = history.rename(columns={"units": "value"}).assign(line="Sold")
    coming = forecast.rename(columns={"forecast": "value"}).assign(line="Forecast")
    both = pd.concat([known, coming])
    scale = alt.Scale(domain=["Sold", "Forecast"], range=[BLUE, VERMILLION])
    dashes = alt.Scale(domain=["Sold", "Forecast"], range=[[1, 0], [5, 3]])
    legend = alt.Legend(title=None, orient="top")
    unit = alt.Y("value:Q", title="Units a day")
    tooltip = [
        alt.Tooltip("line:N", title="What"),
        alt.Tooltip("day:T", title="Day", format="%a %d %b %Y"),
        alt.Tooltip("value:Q", title="Units", format=",.1f"),
    ]
    band = (
        alt.Chart(forecast)
        .mark_area(color=VERMILLION, opacity=0.18)
        .encode(
            x=_days(forecast["day"]),
            y=alt.Y("p10:Q", title="Units a day"),
            y2="p90:Q",
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%a %d %b %Y"),
                alt.Tooltip("p10:Q", title="p10", format=",.1f"),
                alt.Tooltip("p90:Q", title="p90", format=",.1f"),
            ],
        )
    )
    line = (
        alt.Chart(both)
        .mark_line(strokeWidth=2)
        .encode(
            x=_days(both["day"]),
            y=unit,
            color=alt.Color("line:N", scale=scale, legend=legend),
            strokeDash=alt.StrokeDash("line:N", scale=dashes, legend=legend),
            tooltip=tooltip,
        )
    )
    layers: alt.LayerChart = band + line
    return layers.properties(height=_HEIGHT)


def intervals(frame: pd.DataFrame, unit: Unit, verdicts: Sequence[str]) -> alt.LayerChart:
    """Return points with their 95 % intervals, and a line at 0, where there is no effect.

    frame: `name`, `value`, `ci_low`, `ci_high`, and `verdict`, one of up to three verdicts, each of
    which always has the same shape and colour.
    """
    marks = [
        (verdict, colour, shape)
        for verdict, colour, shape in zip(
            verdicts, (GREEN, BLUE, VERMILLION), ("diamond", "circle", "square"), strict=False
        )
        if verdict in set(frame["verdict"])
    ]
    domain, colours, shapes = (list(part) for part in zip(*marks, strict=True))
    legend = alt.Legend(title=None, orient="top", labelLimit=200)
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=domain, range=colours), legend=legend)
    shape = alt.Shape("verdict:N", scale=alt.Scale(domain=domain, range=shapes), legend=legend)
    base = alt.Chart(frame[["name", "value", "ci_low", "ci_high", "verdict"]]).encode(
        y=_names(list(frame["name"])),
        color=colour,
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("value:Q", title=unit.title, format=unit.full),
            alt.Tooltip("ci_low:Q", title="95 % from", format=unit.full),
            alt.Tooltip("ci_high:Q", title="95 % to", format=unit.full),
            alt.Tooltip("verdict:N", title="Verdict"),
        ],
    )
    spans = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("ci_low:Q", title=unit.title, axis=_figures(unit)), x2="ci_high:Q"
    )
    points = base.mark_point(filled=True, size=110, opacity=1).encode(x="value:Q", shape=shape)
    nothing = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color=INK, strokeDash=[3, 3])
    layers: alt.LayerChart = nothing.encode(x="x:Q") + spans + points
    return layers.properties(height=30 * len(frame) + _AXIS + _LEGEND)


def calibration(frame: pd.DataFrame, titles: tuple[str, str]) -> alt.LayerChart:
    """Return what was predicted against what happened, with the line of equality.

    frame: `predicted_share`, `lost_share`, `customers`.
    """
    diagonal = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})
    equal = alt.Chart(diagonal).mark_line(color=GREY, strokeDash=[4, 3]).encode(x="x:Q", y="y:Q")
    percent = alt.Axis(labelExpr=_PERCENT, tickCount=5)
    points = (
        alt.Chart(frame)
        .mark_circle(color=BLUE, opacity=0.85)
        .encode(
            x=alt.X("predicted_share:Q", title=titles[0], axis=percent),
            y=alt.Y("lost_share:Q", title=titles[1], axis=percent),
            size=alt.Size("customers:Q", legend=None, scale=alt.Scale(range=[40, 700])),
            tooltip=[
                alt.Tooltip("customers:Q", title="Customers", format=",.0f"),
                alt.Tooltip("predicted_share:Q", title=titles[0], format=".1%"),
                alt.Tooltip("lost_share:Q", title=titles[1], format=".1%"),
            ],
        )
    )
    layers: alt.LayerChart = equal + points
    return layers.properties(height=_HEIGHT)


def _days(days: pd.Series) -> alt.X:
    """Return the axis of a frame's column of days: no tick between days, where they are few."""
    count = days.nunique()
    ticks = {"interval": "day", "step": 1} if count <= 2 * _TIME_TICKS else _TIME_TICKS
    axis = alt.Axis(
        format="%-d %b" if count <= 366 else "%b %Y",
        tickCount=ticks,
        labelOverlap=True,
        labelBound=True,
        grid=False,
    )
    return alt.X(f"{days.name}:T", title=None, axis=axis)


def _names(names: Sequence[str]) -> alt.Y:
    axis = alt.Axis(
        labelLimit=_LONGEST_LABEL, labelColor=INK, labelOverlap=False, ticks=False, domain=False
    )
    return alt.Y("name:N", sort=list(names), title=None, axis=axis)


def _figures(unit: Unit) -> alt.Axis:
    return alt.Axis(labelExpr=unit.axis, tickCount=5, domain=False, ticks=False, labelBound=8)
