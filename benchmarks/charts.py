"""Line charts as SVG, drawn by hand: what the lock has draws in a browser only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 230, 40, 50
COLOURS = ("#1f6f8b", "#d1495b", "#3c8d2f", "#8a5fbf", "#c77d0a", "#4d4d4d", "#0aa3a3", "#a0522d")


@dataclass(frozen=True)
class Axis:
    """An axis: what it counts, its ends, and whether equal steps are equal factors."""

    label: str
    low: float
    high: float
    is_log: bool

    def share(self, value: float) -> float:
        """Where a value is between the ends, from 0 to 1."""
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Values to write: powers of ten, or round steps."""
        if self.is_log:
            powers = range(round(math.log10(self.low)), round(math.log10(self.high)) + 1)
            return [10.0**power for power in powers]
        step = 10 ** math.floor(math.log10(self.high - self.low))
        step = step / 2 if (self.high - self.low) / step < 3 else step
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [number * step for number in range(first, last + 1)]


def axis(label: str, values: Sequence[float], *, is_log: bool) -> Axis:
    """An axis that holds all values: between powers of ten, or from 0 on."""
    if is_log:
        low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return Axis(label, 10.0**low, 10.0 ** max(high, low + 1), True)
    return Axis(label, 0, max(values) * 1.05 or 1, False)


def line_chart(
    title: str,
    labels: tuple[str, str],
    series: Mapping[str, Sequence[Point]],
    *,
    is_log: bool = False,
) -> str:
    """SVG of lines through points, each with its name; labels: of the axes, x first."""
    points = [point for line in series.values() for point in line]
    x = axis(labels[0], [point[0] for point in points], is_log=is_log)
    y = axis(labels[1], [point[1] for point in points], is_log=is_log)
    lines = [_line(x, y, number, *named) for number, named in enumerate(series.items())]
    body = "\n".join([_text(LEFT, 22, title, "font-weight='bold'"), *_frame(x, y), *lines])
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}'"
        f" width='{WIDTH}' height='{HEIGHT}' font-family='sans-serif' font-size='12'>\n"
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>\n{body}\n</svg>\n"
    )


def _place(x: Axis, y: Axis, point: Point) -> Point:
    across, up = x.share(point[0]), y.share(point[1])
    return (
        round(LEFT + across * (WIDTH - LEFT - RIGHT), 1),
        round(HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1),
    )


def _text(left: float, top: float, text: str, style: str = "") -> str:
    return f"<text x='{left}' y='{top}' {style}>{escape(text)}</text>"


def _frame(x: Axis, y: Axis) -> list[str]:
    """Lines of the grid with their values, and what the axes count."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    drawn = []
    for tick in x.ticks():
        at, _ = _place(x, y, (tick, y.low))
        drawn.append(f"<path d='M{at} {TOP}V{bottom}' stroke='#ddd'/>")
        drawn.append(_text(at, bottom + 18, f"{tick:g}", "text-anchor='middle'"))
    for tick in y.ticks():
        _, at = _place(x, y, (x.low, tick))
        drawn.append(f"<path d='M{LEFT} {at}H{right}' stroke='#ddd'/>")
        drawn.append(_text(LEFT - 8, at + 4, f"{tick:g}", "text-anchor='end'"))
    middle = (LEFT + right) / 2
    drawn.append(_text(middle, HEIGHT - 12, x.label, "text-anchor='middle'"))
    height = (TOP + bottom) / 2
    turned = f"text-anchor='middle' transform='rotate(-90 18 {height})'"
    return [*drawn, _text(18, height, y.label, turned)]


def _line(x: Axis, y: Axis, number: int, name: str, points: Sequence[Point]) -> str:
    """A line, its points, and its name in the list at the right."""
    colour = COLOURS[number % len(COLOURS)]
    placed = [_place(x, y, point) for point in points]
    path = " ".join(f"{left},{top}" for left, top in placed)
    size = 3.5 if len(placed) < 20 else 1.5
    dots = "".join(f"<circle cx='{a}' cy='{b}' r='{size}' fill='{colour}'/>" for a, b in placed)
    top = TOP + 12 + number * 20
    left = WIDTH - RIGHT + 16
    return (
        f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='1.5'/>{dots}"
        f"<path d='M{left} {top - 4}h18' stroke='{colour}' stroke-width='3'/>"
        + _text(left + 24, top, name)
    )
