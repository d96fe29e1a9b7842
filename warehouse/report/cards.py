"""Cards: what one target shows, put together from the frames of a scorecard.

A card is plain data; the page, the workbook and the terminal only lay it out.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from warehouse.report.data import ScorecardData, records
from warehouse.report.words import MARKS, REVISED, VERDICTS, Pair, verdict_of

UNITS_SHOWN = 15
"""Units per target on the page, worst first; the workbook has them all."""
Row = dict[str, Any]
_RANK = {code: rank for rank, code in enumerate(VERDICTS)}


@dataclass(frozen=True)
class Card:
    """One target: its answer, its way over the term, its units.

    `row` answers for the target (the worst where several units answer, `scopes` of
    them, `scopes_met` met or on track). `running` is the open year beside a closed
    answer, `outlook` the row that still has something before it. `spread` holds the
    figure of every unit, whether or not it is in `units`.
    """

    code: str
    target: Row
    row: Row
    years: list[Row]
    months: list[Row]
    running: Row | None
    outlook: Row | None
    units: list[Row]
    unit_count: int
    spread: list[float]
    parts: tuple[str, ...] = ()
    part_of: str | None = None
    marks: list[Pair] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)
    scopes: int = 1
    scopes_met: int = 0

    @property
    def anchor(self) -> str:
        """Where the page has this card."""
        return f"t-{slug(self.code)}"

    @property
    def is_commitment(self) -> bool:
        """Words and evidence instead of a verdict."""
        return bool(self.row.get("is_commitment"))

    @property
    def more_units(self) -> int:
        """Units left to the workbook."""
        return self.unit_count - len(self.units)


class _Tally(NamedTuple):
    """Per target: units beside its answer, their figures, units that answer."""

    units: int
    spread: list[float]
    scopes: int
    scopes_met: int


def slug(code: object) -> str:
    """A code as an HTML id: all but letters, digits, dots and dashes as numbers."""
    return re.sub(r"[^A-Za-z0-9.\-]", lambda m: f"_{ord(m[0]):x}_", str(code))


def cards(data: ScorecardData) -> list[Card]:
    """One card per target that has a row to show, promises without a number last."""
    ranked = _ranked(data.latest)
    tallies = _tallies(ranked)
    known = records(data.targets)
    versions = {row["target_key"]: row for row in known}
    by_code = {row["target_code"]: row for row in known}
    unknown = dict.fromkeys(data.targets.columns)
    order = {code: n for n, code in enumerate(by_code)}
    part_of = {part: whole for whole, parts in data.parts.items() for part in parts}
    histories = _by_target(data.history)
    revisions = _by_target(data.revisions)
    made = []
    for code, group in _by_target(ranked[ranked["_is_shown"]]).items():
        scope = [row for row in group if row["is_scope_unit"]]
        row = (scope or group)[0]
        target = versions.get(row["target_key"]) or by_code.get(code) or unknown
        target = {**target, **_frozen_words(row)}
        tally = tallies[code]
        answers = row["unit_code"] if tally.scopes == 1 else None
        units = [unit for unit in group if unit["unit_code"] != answers]
        history = [
            entry
            for entry in histories.get(code, [])
            if entry["unit_code"] == row["unit_code"]
        ]
        own = [r for r in revisions.get(code, []) if r["is_scope_unit"]]
        running = _running(history, row)
        made.append(
            Card(
                code=code,
                target=target,
                row=row,
                years=[h for h in history if h["period_type"] == "year"],
                months=_months(history),
                running=running,
                outlook=_outlook(running, row, target["valid_to"], data.as_of),
                units=_with_revised(units[:UNITS_SHOWN], revisions.get(code, [])),
                unit_count=tally.units,
                spread=tally.spread,
                parts=data.parts.get(code, ()),
                part_of=part_of.get(code),
                marks=marks_of(row) + ([REVISED] if own else []),
                revisions=own,
                scopes=tally.scopes,
                scopes_met=tally.scopes_met,
            )
        )
    return sorted(made, key=lambda card: order.get(card.code, len(order)))


def marks_of(row: Row) -> list[Pair]:
    """What a reader must see beside the figure."""
    return [words for column, words in MARKS.items() if row.get(column)]


def number(value: object) -> float | None:
    """A figure to draw or to put into a cell; None where there is none."""
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return None
    result = float(value)  # type: ignore[arg-type]
    return result if math.isfinite(result) else None


def is_whole(card: Card) -> bool:
    """True for what counts once in a summary: neither a part nor a commitment."""
    return card.part_of is None and not card.is_commitment


def verdict_counts(made: list[Card]) -> list[tuple[str, int]]:
    """Verdict codes with the number of targets, what needs attention first."""
    codes = [card.row["verdict"] for card in made if is_whole(card)]
    return [(code, codes.count(code)) for code in VERDICTS if code in codes]


def _ranked(latest: pd.DataFrame) -> pd.DataFrame:
    """Worst first within each target; `_is_shown` where a card needs the whole row."""
    ranked = latest.assign(
        _rank=latest["verdict"].map(_RANK).fillna(len(_RANK)),
        _gap=_floats(latest["gap"]),
        _scopes=latest.groupby("target_code")["is_scope_unit"].transform("sum"),
    ).sort_values(
        ["target_code", "_rank", "_gap", "unit_code"], na_position="last", kind="stable"
    )
    is_scope = ranked["is_scope_unit"].eq(True)
    place = ranked.groupby("target_code").cumcount()
    scope_place = is_scope.groupby(ranked["target_code"]).cumsum()
    is_first_scope = is_scope & scope_place.eq(1)
    return ranked.assign(
        _is_unit=~(is_scope & ranked["_scopes"].eq(1)),
        _is_shown=is_first_scope | place.le(UNITS_SHOWN),
        _is_met=is_scope & ranked["verdict"].isin(["met", "on_track"]),
    )


def _tallies(ranked: pd.DataFrame) -> dict[str, _Tally]:
    figures = ranked.assign(_actual=_floats(ranked["actual"]))
    return {
        str(code): _Tally(
            units=int(group["_is_unit"].sum()),
            spread=group.loc[group["_is_unit"], "_actual"].dropna().tolist(),
            scopes=int(group["_scopes"].iloc[0]),
            scopes_met=int(group["_is_met"].sum()),
        )
        for code, group in figures.groupby("target_code")
    }


def _floats(series: pd.Series) -> pd.Series:
    return pd.to_numeric(series.astype(object), errors="coerce").astype(float)


def _by_target(frame: pd.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in records(frame):
        found.setdefault(row["target_code"], []).append(row)
    return found


def _running(history: list[Row], row: Row) -> Row | None:
    """The year still open beside a closed answer."""
    is_open = [h for h in history if h["period_type"] == "year" and not h["is_closed"]]
    if not is_open or is_open[-1]["period_key"] == row.get("period_key"):
        return None
    return is_open[-1] if row.get("period_type") == "year" else None


def _frozen_words(row: Row) -> Row:
    """The name and the test of a target as an edition stated them."""
    words = {
        "name_vi": "target_name_vi",
        "name_en": "target_name_en",
        "requirement_vi": "requirement_vi",
        "requirement_en": "requirement_en",
    }
    return {name: row[then] for name, then in words.items() if row.get(then)}


def _outlook(
    running: Row | None, row: Row, valid_to: dt.date | None, as_of: dt.date
) -> Row | None:
    if valid_to is not None and valid_to <= as_of:
        return None
    if running is not None:
        return running
    is_open = row.get("is_closed") is False or row.get("is_final") is False
    return row if is_open and not row.get("is_commitment") else None


def _months(history: list[Row]) -> list[Row]:
    """Month ends of the running year, else of the last one that has any."""
    months = [h for h in history if h["period_type"] == "month"]
    last = max((h["year"] for h in months), default=None)
    return [h for h in months if h["year"] == last]


def _with_revised(units: list[Row], revisions: list[Row]) -> list[Row]:
    revised = {(row["unit_code"], row["period_key"]) for row in revisions}
    return [
        {**row, "is_revised": (row["unit_code"], row["period_key"]) in revised}
        for row in units
    ]


def words_of(row: Row) -> str:
    """Symbol and word of the row's verdict, as a cell or a terminal shows it."""
    verdict = verdict_of(row)
    return f"{verdict.symbol} {verdict.vi}"
