"""What a row rests on, decided by the columns that its table has."""
# ruff: noqa: S608  - names come from the catalogue

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from warehouse.trace.figures import Figure, dicts

Row = Mapping[str, Any]
Kind = Literal["publication", "cell", "report", "judgement", "figure", "programme"]

_KINDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("publication", frozenset({"publication_id"})),
    ("cell", frozenset({"submission_id", "source_cell"})),
    ("report", frozenset({"submission_id", "due_at"})),
    ("judgement", frozenset({"target_key", "unit_code", "period_key", "verdict"})),
    ("judgement", frozenset({"target_key", "unit_code", "period_key", "verdict_now"})),
    ("figure", frozenset({"unit_code", "indicator_code", "period_key"})),
)
"""The first whose columns a table has; a table of none states the programme."""
_ASSESSED = ("figure_period_key", "figure_cumulation", "boundary", "quantity")
_KEYS = ("target_key", "unit_key", "period_key")


@dataclass(frozen=True)
class Purpose:
    """What a figure is for: the one judged, the one compared with, or a part's."""

    vi: str
    en: str
    target_code: str | None = None


_FIGURE = Purpose("số của dòng này", "the figure of the row")
_PURPOSES = (
    ("figure_period_key", "kỳ đánh giá", "the period assessed"),
    ("baseline_period_key", "kỳ so sánh", "the period compared with"),
    ("base_period_key", "năm gốc", "the base year"),
)


def kind_of(columns: Sequence[str]) -> Kind:
    """What rows of a table with these columns rest on."""
    has = frozenset(columns)
    return next((kind for kind, needs in _KINDS if needs <= has), "programme")


def figures_of(row: Row) -> list[tuple[Purpose, Figure]]:
    """The one figure of a row that names unit, indicator and period; none without."""
    unit, indicator, period = (
        row.get(name) for name in ("unit_code", "indicator_code", "period_key")
    )
    if unit is None or indicator is None or period is None:
        return []
    figure = Figure(
        unit,
        indicator,
        period,
        boundary=row.get("boundary") or "as_reported",
        cumulation=row.get("cumulation") or "period",
        programme_code=row.get("programme_code"),
    )
    return [(_FIGURE, figure)]


def judged_figures(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]
) -> list[list[tuple[Purpose, Figure]]]:
    """Per judged row, its figures: of a promise of several those of its parts.

    A change rests on the period compared with as well. An edition's row rests on what
    was known when it was published. What a row does not carry itself is read from the
    progress, or the edition, it was made from.
    """
    progress = _made_from(connection, rows)
    asked: list[list[tuple[Purpose, Figure]]] = []
    for row in rows:
        judged = progress.get(_key(row, _KEYS))
        known = {**(judged or {}), **{k: v for k, v in row.items() if v is not None}}
        own = _questions(known)
        asked.append(own if own or judged is None else _parts(connection, known))
    return asked


def _questions(row: Row, part: str | None = None) -> list[tuple[Purpose, Figure]]:
    if not row.get("indicator_code"):
        return []
    is_change = row.get("quantity") == "reduction_pct"
    return [
        (
            Purpose(vi, en, part),
            Figure(
                row["unit_code"],
                row["indicator_code"],
                row[column],
                boundary=row.get("boundary") or "as_reported",
                cumulation=row.get("figure_cumulation") or "period",
                programme_code=row.get("programme_code"),
                known_at=row["published_at"] if row.get("edition_code") else None,
            ),
        )
        for number, (column, vi, en) in enumerate(_PURPOSES)
        if row.get(column) and (is_change or number == 0)
    ]


def _made_from(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]
) -> dict[tuple[Any, ...], Row]:
    """By key, the progress (or frozen progress) of rows that do not carry theirs."""
    if all(name in row for row in rows for name in _ASSESSED):
        return {_key(row, _KEYS): row for row in rows}
    edition = any("edition_code" in row for row in rows)
    table = "fct_edition" if edition else "fct_target_progress"
    keys = (*_KEYS, "edition_code") if edition else _KEYS
    same = " and ".join(f"p.{name} = k.{name}" for name in keys)
    listed = ", ".join(f"unnest(${name}::varchar[]) as {name}" for name in keys)
    found = dicts(
        connection.execute(
            f"with k as (select {listed}) "
            f"select p.* from marts.{table} p join k on {same}",
            {name: [row[name] for row in rows] for name in keys},
        )
    )
    return {_key(row, _KEYS): row for row in found}


def _parts(
    connection: duckdb.DuckDBPyConnection, row: Row
) -> list[tuple[Purpose, Figure]]:
    """The figures of every part of a promise of several, in the same unit and period.

    Which parts it has says the scorecard; an edition does not keep it.
    """
    edition = row.get("edition_code")
    table = "fct_edition" if edition else "fct_target_progress"
    parts = dicts(
        connection.execute(
            f"select p.* from marts.{table} p where p.programme_code = $programme "
            "and p.unit_code = $unit and p.period_key = $period "
            + ("and p.edition_code = $edition " if edition else "")
            + "and p.target_code in (select unnest(string_split(part_target_codes, "
            "';')) from marts.rpt_term_scorecard where programme_code = $programme "
            "and target_code = $target) order by p.target_code",
            {
                "programme": row["programme_code"],
                "unit": row["unit_code"],
                "period": row["period_key"],
                "target": row["target_code"],
                **({"edition": edition} if edition else {}),
            },
        )
    )
    return [
        question for part in parts for question in _questions(part, part["target_code"])
    ]


def _key(row: Row, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in names)
