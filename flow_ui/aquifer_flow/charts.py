"""Charts as inline SVG, made on the server: pure functions of values.

Colours, fonts and line widths come from the style sheet by class, so that a chart follows light and dark
and needs neither scripts nor inline styles. Names are escaped; missing values leave a gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from aquifer_flow.formats import number

WIDTH, HEIGHT = 540, 290
SQUARE_WIDTH, SQUARE_HEIGHT = 420, 400
LEFT, RIGHT, TOP, BOTTOM = 76, 18, 14, 54
MARKED_POINTS = 30
"""Up to so many points a line gets a mark with a tooltip at each of them."""

HEAT_STEPS = 10


@dataclass(frozen=True)
class Series:
    """A named line: points (x, y) in the order in which they are joined; None or NaN is a gap."""

    name: str
    x: tuple[float | None, ...]
    y: tuple[float | None, ...]

    def points(self) -> Iterator[tuple[float, float] | None]:
        """The points; None where a gap is."""
        for x, y in zip(self.x, self.y, strict=True):
            known = x is not None and y is not None and math.isfinite(x) and math.isfinite(y)
            yield (float(x), float(y)) if known and x is not None and y is not None else None


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` onto pixels from `start` to `stop`, with round tick values."""

    low: float
    high: float
    start: float
    stop: float
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """The pixel of a value, to a tenth."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.stop - self.start), 1)


def round_step(span: float, most: int = 5) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that cuts `span` into at most `most` parts."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= most * (1 + 1e-9))


def scale_of(values: Sequence[float], start: float, stop: float, zero: bool, snug: bool = False) -> Scale:
    """A scale that holds all `values`, and zero if asked for; `snug` ends where the values end."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    low = min(low, 0.0) if zero else low
    if high - low <= abs(high) * 1e-12:
        low, high = (low, low + 1.0) if low == 0 else (low - abs(low) / 2, high + abs(high) / 2)
    step = round_step(high - low)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if snug:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    else:
        low, high = first * step, last * step
    ticks = tuple(round(tick * step, 12) for tick in range(first, last + 1))
    return Scale(low, high, start, stop, ticks)


def line_chart(
    series: Sequence[Series], title: str, x_label: str, y_label: str, square: bool = False
) -> Markup:
    """Lines over labelled axes with a legend, as a `<figure>`; `square` adds the diagonal, for ROC curves.

    Without a single known point the figure says so.
    """
    lines = [(number_of, line, list(line.points())) for number_of, line in enumerate(series, 1)]
    known = [point for _, _, points in lines for point in points if point]
    if not known:
        return Markup(
            '<figure class="chart"><figcaption>{}</figcaption><p class="quiet">{}</p></figure>'
        ).format(title, "Nothing was scored yet.")
    width, height = (SQUARE_WIDTH, SQUARE_HEIGHT) if square else (WIDTH, HEIGHT)
    x = scale_of([x for x, _ in known], LEFT, width - RIGHT, zero=True, snug=True)
    y = scale_of([y for _, y in known], height - BOTTOM, TOP, zero=True)
    parts = [_axes(x, y, x_label, y_label)]
    if square:
        parts.append(_path([(x(x.low), y(y.low)), (x(x.high), y(y.high))], "reference"))
    for position, line, points in lines:
        parts.append(_line(line.name, points, x, y, position, x_label))
    return Markup(
        '<figure class="chart{}"><figcaption>{}{}</figcaption>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg></figure>'
    ).format(
        " square" if square else "",
        title,
        _legend([line for _, line, _ in lines]),
        width,
        height,
        _spoken(title, lines, x_label),
        Markup("").join(parts),
    )


def bar(share: float | None) -> Markup:
    """A horizontal bar that fills `share` (0 to 1) of its cell; the number stands beside it as text."""
    filled = 0.0 if share is None or math.isnan(share) else max(0.0, min(1.0, share)) * 100
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="8"/><rect class="value" width="{}" height="8"/></svg>'
    ).format(f"{filled:.1f}")


def histogram(counts: Sequence[int], label: str) -> Markup:
    """Small upright bars, the tallest as high as the drawing; `label` says in words what is counted."""
    if not counts or not any(counts):
        return Markup("")
    tallest = max(counts)
    heights = ((position, 24 * value / tallest) for position, value in enumerate(counts) if value)
    outline = "".join(f"M{position * 4} 24v-{height:.1f}h3v{height:.1f}z" for position, height in heights)
    return Markup(
        '<svg class="histogram" viewBox="0 0 {} 24" preserveAspectRatio="none" role="img" '
        'aria-label="{}"><title>{}</title><path d="{}"/></svg>'
    ).format(len(counts) * 4, label, label, outline)


def heat(value: float, largest: float) -> str:
    """The style class of a cell of a heat table: heat-0 (nothing) to heat-10 (the largest)."""
    if not value or largest <= 0 or math.isnan(value):
        return "heat-0"
    return f"heat-{max(1, math.ceil(HEAT_STEPS * min(1.0, value / largest)))}"


def _axes(x: Scale, y: Scale, x_label: str, y_label: str) -> Markup:
    middle = (x.start + x.stop) / 2, (y.start + y.stop) / 2
    across = Markup(
        '<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick y" x="{}" y="{}">{}</text>'
    )
    along = Markup(
        '<line class="mark" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick x" x="{}" y="{}">{}</text>'
    )
    parts = [
        across.format(x.start, x.stop, y(tick), y(tick), x.start - 8, y(tick) + 4, number(tick))
        for tick in y.ticks
    ]
    parts += [
        along.format(x(tick), x(tick), y.start, y.start + 5, x(tick), y.start + 20, number(tick))
        for tick in x.ticks
    ]
    parts.append(
        Markup(
            '<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="label" x="{}" y="{}">{}</text>'
            '<text class="label" transform="translate({} {}) rotate(-90)">{}</text>'
        ).format(x.start, x.stop, y.start, y.start, middle[0], y.start + 44, x_label, 16, middle[1], y_label)
    )
    return Markup("").join(parts)


def _line(
    name: str, points: list[tuple[float, float] | None], x: Scale, y: Scale, position: int, x_label: str
) -> Markup:
    """One series: a path for each run of points without a gap, and marks with tooltips if they are few."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append((x(point[0]), y(point[1])))
    parts = [_path(_thinned(run), f"line series-{position}") for run in runs if run]
    known = [point for point in points if point]
    if len(known) <= MARKED_POINTS:
        parts += [
            Markup('<circle class="series-{}" cx="{}" cy="{}" r="3.5"><title>{}</title></circle>').format(
                position, x(at), y(value), f"{name}: {number(value)} ({x_label} {number(at)})"
            )
            for at, value in known
        ]
    return Markup("").join(parts)


def _path(pixels: Sequence[tuple[float, float]], style: str) -> Markup:
    return Markup('<path class="{}" d="{}"/>').format(
        style, "M" + "L".join(f"{left:g} {top:g}" for left, top in pixels)
    )


def _thinned(pixels: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Drop points that would be drawn within half a pixel of the one before; the last stays."""
    kept = pixels[:1]
    for _, point in pairwise(pixels):
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 0.5:
            kept.append(point)
    return kept if kept[-1] == pixels[-1] else [*kept, pixels[-1]]


def _legend(series: Sequence[Series]) -> Markup:
    if len(series) < 2:
        return Markup("")
    return Markup('<span class="legend">{}</span>').format(
        Markup("").join(
            Markup('<span class="series-{}">{}</span>').format(position, line.name)
            for position, line in enumerate(series, 1)
        )
    )


def _spoken(
    title: str, lines: Sequence[tuple[int, Series, list[tuple[float, float] | None]]], x_label: str
) -> str:
    """What a reader hears instead of the drawing: where each line ends."""
    ends = []
    for _, line, points in lines:
        known = [point for point in points if point]
        if known:
            ends.append(f"{line.name} {number(known[-1][1])} at {x_label} {number(known[-1][0])}")
    return f"{title}: " + "; ".join(ends)
