"""The cells that figures are made of, and the reports that are missing from them.

One statement answers for every figure asked, however many: the observations are gone
through once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import duckdb

from warehouse.trace.statements import CELLS, FIXED_DAY, MISSING, NO_FIXED_DAY

Cell = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure asked for, as fct_indicator_value has it.

    `known_at` (naive UTC): by what was known then; None is now. `programme_code` None:
    of whichever programme has these codes.
    """

    unit_code: str
    indicator_code: str
    period_key: str
    boundary: str = "as_reported"
    cumulation: str = "period"
    programme_code: str | None = None
    known_at: dt.datetime | None = None


_NAMES = tuple(field.name for field in fields(Figure))
_NOW = ("fct_observation", "")
_THEN = (
    "fct_observation_history",
    "and o.recorded_from <= wanted.known_at and o.recorded_to > wanted.known_at",
)


def cells_of(
    connection: duckdb.DuckDBPyConnection,
    figures: Sequence[Figure],
    is_figure: bool = True,
) -> list[list[Cell]]:
    """Per figure, one dict per contributing observation, numerators first, by period.

    Flows come from every base period inside the one asked for (`year_to_date`: since
    the year began), stocks from the last that is over. On a restated boundary `share`
    says how much of the cell counts; None where only an estimate brings it back.
    Without `is_figure`: the cells there that say something else than a figure.
    """
    found: list[list[Cell]] = [[] for _ in figures]
    for is_past, source in ((False, _NOW), (True, _THEN)):
        numbers = [
            number
            for number, figure in enumerate(figures)
            if (figure.known_at is not None) is is_past
        ]
        observations, known = source
        some = [figures[number] for number in numbers]
        statement = CELLS.format(
            observations=observations, known=known, fixed_day=_fixed_day(some)
        )
        for row in _rows(connection, statement, some, is_figure=is_figure):
            found[numbers[row.pop("number")]].append(row)
    return found


def missing_of(
    connection: duckdb.DuckDBPyConnection, figures: Sequence[Figure]
) -> list[list[dict[str, Any]]]:
    """Per figure, the reports that were due for it and did not come.

    Keys: unit_code, form_code, period_key, status, due_at, days_late.
    """
    found: list[list[dict[str, Any]]] = [[] for _ in figures]
    statement = MISSING.format(fixed_day=_fixed_day(figures))
    for row in _rows(connection, statement, figures):
        found[row.pop("number")].append(row)
    return found


def _fixed_day(figures: Sequence[Figure]) -> str:
    is_asked = any(figure.boundary == "fixed" for figure in figures)
    return FIXED_DAY if is_asked else NO_FIXED_DAY


def _rows(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    figures: Sequence[Figure],
    **more: Any,
) -> list[dict[str, Any]]:
    if not figures:
        return []
    columns = zip(*map(astuple, figures), strict=True)
    asked = dict(zip(_NAMES, map(list, columns), strict=True))
    return dicts(connection.execute(statement, {**asked, **more}))


def dicts(result: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The rows of a result as dicts."""
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
