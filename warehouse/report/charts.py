"""Small drawings in SVG: the way over the term, the ranked bar, the spread of units.

Every verdict has a shape of its own; every drawing says in words what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from warehouse.report.cards import number
from warehouse.report.page import vietnamese_number

WIDTH, HEIGHT = 168, 58
_LEFT, _RIGHT, _TOP, _BOTTOM = 7, 9, 7, 15
BAR_WIDTH, BAR_HEIGHT = 150, 14
SPREAD_WIDTH, SPREAD_HEIGHT, BINS = 560, 64, 56
_SHAPES = {
    "met": "M-3.1 0A3.1 3.1 0 1 0 3.1 0A3.1 3.1 0 1 0-3.1 0Z",
    "on_track": "M0-3.8L3.6 2.8L-3.6 2.8Z",
    "off_track": "M0 3.8L3.6-2.8L-3.6-2.8Z",
    "not_met": "M-3-3L3 3M3-3L-3 3",
    "cannot_judge": "M0-3.7L3.7 0L0 3.7L-3.7 0Z",
}
"""By verdict, around a point; others are a small ring."""
_RING = "M-2.4 0A2.4 2.4 0 1 0 2.4 0A2.4 2.4 0 1 0-2.4 0Z"


class Scale(NamedTuple):
    """A linear scale from figures to places."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a figure stands."""
        share = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def path_chart(
    rows: Sequence[dict[str, Any]],
    ticks: Sequence[str],
    outlook: dict[str, Any] | None = None,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Markup:
    """Figures against what was needed at each of `ticks`; dashed where it was needed.

    `rows` stand at the tick of their `tick`. A band is drawn for two thresholds, a
    projection as a dotted line with its interval at the last tick.
    """
    places = {tick: n for n, tick in enumerate(ticks)}
    drawn = [
        (places[row["tick"]], value, row)
        for row in rows
        if row["tick"] in places and (value := number(row["actual"])) is not None
    ]
    if not drawn:
        return Markup("")
    needed = [
        (places[row["tick"]], value)
        for row in rows
        if row["tick"] in places and (value := number(row["required"])) is not None
    ]
    band = _band(rows[-1])
    ahead = _ahead(outlook)
    spread = [v for _, v, _ in drawn] + [v for _, v in needed] + list(band or ())
    spread += [v for v in ahead or () if v is not None]
    y = _vertical(spread, height)
    x = Scale(0, max(1, len(ticks) - 1), _LEFT, width - _RIGHT)
    parts = [_needed(needed, band, x, y, width)]
    line = " ".join(f"{x.at(n):g},{y.at(v):g}" for n, v, _ in drawn)
    parts.append(Markup("<polyline class='line' points='{}'/>").format(line))
    if ahead:
        parts.append(_projection(drawn[-1], ahead, x, y, len(ticks) - 1))
    for n, value, row in drawn:
        verdict = row.get("verdict") or ""
        parts.append(
            Markup(
                "<path class='m v-{}' transform='translate({:g} {:g})' d='{}'/>"
            ).format(verdict, x.at(n), y.at(value), _SHAPES.get(verdict, _RING))
        )
    for n in {0, len(ticks) - 1}:
        anchor = "start" if n == 0 else "end"
        parts.append(
            Markup("<text x='{:g}' y='{}' text-anchor='{}'>{}</text>").format(
                x.at(n) + (-4 if n == 0 else 5), height - 2, anchor, ticks[n]
            )
        )
    return _svg("spark", width, height, _told(drawn, needed, band), parts)


def bar(
    value: float | None,
    thresholds: Iterable[float],
    low: float,
    high: float,
    verdict: str,
) -> Markup:
    """One unit's figure as a bar from zero, the threshold as a line across it."""
    x = Scale(low, high, 1, BAR_WIDTH - 1)
    parts = []
    if value is not None:
        start, end = sorted((x.at(max(low, min(0, high))), x.at(value)))
        parts.append(
            Markup(
                "<rect class='v-{}' x='{:g}' y='3' width='{:g}' height='8'/>"
            ).format(verdict, start, max(1.5, end - start))
        )
    parts += [
        Markup("<path class='limit' d='M{0:g} 0V{1}'/>").format(x.at(t), BAR_HEIGHT)
        for t in thresholds
    ]
    return Markup(
        "<svg class='bar' aria-hidden='true' viewBox='0 0 {w} {h}' width='{w}' "
        "height='{h}'>{p}</svg>"
    ).format(w=BAR_WIDTH, h=BAR_HEIGHT, p=Markup("").join(parts))


def spread_chart(values: Sequence[float], thresholds: Sequence[float]) -> Markup:
    """All units by their figure, counted in bins, the threshold as a dashed line."""
    low, high = _range([*values, *thresholds])
    x = Scale(low, high, 4, SPREAD_WIDTH - 4)
    counts = [0] * BINS
    for value in values:
        counts[min(BINS - 1, int((value - low) / (high - low) * BINS))] += 1
    step = (SPREAD_WIDTH - 8) / BINS
    floor = SPREAD_HEIGHT - 15
    y = Scale(0, max(counts), floor, 4)
    parts = [
        Markup("<rect x='{:g}' y='{:g}' width='{:g}' height='{:g}'/>").format(
            round(4 + n * step, 1), y.at(count), round(step - 1, 1), floor - y.at(count)
        )
        for n, count in enumerate(counts)
        if count
    ]
    parts += [
        Markup("<path class='limit' d='M{:g} 0V{}'/>").format(x.at(t), floor)
        for t in thresholds
    ]
    for value, anchor in ((low, "start"), (high, "end")):
        parts.append(
            Markup("<text x='{:g}' y='{}' text-anchor='{}'>{}</text>").format(
                x.at(value), SPREAD_HEIGHT - 2, anchor, vietnamese_number(value)
            )
        )
    told = f"{len(values)} đơn vị · units: {vietnamese_number(min(values))} – "
    told += vietnamese_number(max(values))
    return _svg("spread", SPREAD_WIDTH, SPREAD_HEIGHT, told, parts)


def limits_of(row: dict[str, Any]) -> list[float]:
    """The thresholds to draw: both ends of a band, else what is required by now."""
    if band := _band(row):
        return list(band)
    required = number(row.get("required"))
    return [] if required is None else [required]


def bar_range(
    values: Sequence[float], thresholds: Sequence[float]
) -> tuple[float, float]:
    """One range for all bars of a table: zero, every figure and every threshold."""
    return _range([0.0, *values, *thresholds])


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low, low + 1)


def _vertical(values: Sequence[float], height: int) -> Scale:
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 1, high + 1
    return Scale(low, high, height - _BOTTOM, _TOP)


def _band(row: dict[str, Any]) -> tuple[float, float] | None:
    low, high = number(row.get("target_low")), number(row.get("target_high"))
    if row.get("comparator") != "between" or low is None or high is None:
        return None
    return low, high


def _ahead(outlook: dict[str, Any] | None) -> tuple[float | None, ...] | None:
    """Where it leads, at least, at most."""
    if outlook is None or (end := number(outlook.get("projected_end"))) is None:
        return None
    return (
        end,
        number(outlook.get("projected_low")),
        number(outlook.get("projected_high")),
    )


def _needed(
    needed: list[tuple[int, float]],
    band: tuple[float, float] | None,
    x: Scale,
    y: Scale,
    width: int,
) -> Markup:
    if band:
        top, floor = y.at(band[1]), y.at(band[0])
        return Markup(
            "<rect class='band' x='0' y='{:g}' width='{}' height='{:g}'/>"
        ).format(top, width, max(1, floor - top))
    if not needed:
        return Markup("")
    places = [(x.at(n), y.at(value)) for n, value in needed]
    if len({value for _, value in needed}) == 1:
        places = [(0, places[0][1]), (width, places[0][1])]
    points = " ".join(f"{left:g},{top:g}" for left, top in places)
    return Markup("<polyline class='limit' points='{}'/>").format(points)


def _projection(
    last: tuple[int, float, dict[str, Any]],
    ahead: tuple[float | None, ...],
    x: Scale,
    y: Scale,
    end: int,
) -> Markup:
    leads, low, high = ahead
    place = x.at(end)
    drawn = Markup("<path class='ahead' d='M{:g} {:g}L{:g} {:g}'/>").format(
        x.at(last[0]), y.at(last[1]), place, y.at(leads or 0)
    )
    if low is not None and high is not None:
        drawn += Markup(
            "<path class='reach' d='M{0:g} {1:g}V{2:g}M{3:g} {1:g}h6M{3:g} {2:g}h6'/>"
        ).format(place, y.at(low), y.at(high), place - 3)
    return drawn


def _told(
    drawn: list[tuple[int, float, dict[str, Any]]],
    needed: list[tuple[int, float]],
    band: tuple[float, float] | None,
) -> str:
    said = "; ".join(f"{row['tick']}: {vietnamese_number(v)}" for _, v, row in drawn)
    if band:
        low, high = map(vietnamese_number, band)
        return f"{said}. Trong khoảng · band: {low}–{high}"
    values = [vietnamese_number(value) for _, value in needed]
    if values:
        said += f". Cần · needed: {' → '.join(dict.fromkeys(values))}"
    return said


def _svg(kind: str, width: int, height: int, told: str, parts: list[Markup]) -> Markup:
    return Markup(
        "<svg class='{k}' role='img' aria-label='{t}' viewBox='0 0 {w} {h}' "
        "width='{w}' height='{h}'><title>{t}</title>{p}</svg>"
    ).format(k=kind, w=width, h=height, t=told, p=Markup("").join(parts))
