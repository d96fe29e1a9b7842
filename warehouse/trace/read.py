"""Traces of the published file: of a figure by its codes, of any row of any mart."""
# ruff: noqa: S608  - the statements are put together from constants only

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from warehouse.errors import ReadError
from warehouse.home import Home
from warehouse.published import open_published
from warehouse.trace import reasons
from warehouse.trace.figures import Cell, Figure, cells_of, dicts, missing_of
from warehouse.trace.rests_on import (
    Kind,
    Purpose,
    figures_of,
    judged_figures,
    kind_of,
)
from warehouse.trace.rows import near_ones, rows_of
from warehouse.trace.waived import add_waivers

_CODES = {
    "unit": ("dim_unit", "unit_code"),
    "indicator": ("dim_indicator", "indicator_code"),
    "period": ("dim_period", "period_key"),
}
_BOUNDARIES = ("as_reported", "current")
_OWN_CELL = (
    "submission_id as submission, source_file as file, source_sheet as sheet, "
    "source_cell as cell, raw_text, value, indicator_code as measure_code, unit_code, "
    "period_key, observation_status, programme_code"
)

Traced = dict[str, Any]


@dataclass(frozen=True)
class _Asked:
    """The rows asked for, and what the table's columns say that they rest on."""

    connection: duckdb.DuckDBPyConnection
    kind: Kind
    rows: Sequence[dict[str, Any]]
    zone: ZoneInfo


def trace(
    home: Home, unit_code: str, indicator_code: str, period_key: str
) -> list[Cell]:
    """One dict per published observation that makes up a figure, down to its cell.

    With nothing reported by the unit and those below it then, the units that went into
    today's unit are followed (boundary `current`). Keys: submission (id), file, sheet,
    cell, raw_text, value (Decimal), measure_code, unit_code, period_key, role
    (numerator or denominator), boundary, share, observation_status, programme_code,
    delivery_sha256, received_at, waived (waivers of findings on it).

    Raises:
        ReadError: nothing is published, or a code does not exist; names near ones.
    """
    codes = (unit_code, indicator_code, period_key)
    with open_published(home) as connection:
        for what, code in zip(_CODES, codes, strict=True):
            _refuse_unknown(connection, what, code)
        figures = [Figure(*codes, boundary=boundary) for boundary in _BOUNDARIES]
        cells: list[Cell] = next(filter(None, cells_of(connection, figures)), [])
        add_waivers(connection, [cells])
        return cells


def trace_absence(
    home: Home, unit_code: str, indicator_code: str, period_key: str
) -> list[str]:
    """Observation statuses where `trace` finds no figure; empty: nothing reported."""
    figure = Figure(unit_code, indicator_code, period_key)
    with open_published(home) as connection:
        (cells,) = cells_of(connection, [figure], is_figure=False)
    own = {c["observation_status"] for c in cells if c["unit_code"] == unit_code}
    return sorted(own)


def trace_rows(
    home: Home, table: str, asked: Mapping[str, str], timezone: str = "UTC"
) -> list[Traced]:
    """One dict per row of a mart whose columns hold the texts given.

    Keys: kind (what rows of the table rest on), row (the row), cells (as `trace` gives
    them, with what each is `for`), missing (reports that did not come), findings (of a
    report that was not taken), reasons (vi, en: what else there is to say; never empty
    where there are no cells, but for rows that state the programme; instants in them
    on the clock of `timezone`).

    Raises:
        ReadError: nothing is published, or table, column or value does not exist; more
            rows than `MOST_ROWS` match.
    """
    with open_published(home) as connection:
        rows = rows_of(connection, table, asked)
        kind = kind_of(list(rows[0]))
        traced = _TRACERS[kind](_Asked(connection, kind, rows, ZoneInfo(timezone)))
        add_waivers(connection, [row["cells"] for row in traced])
        return traced


def _programme(asked: _Asked) -> list[Traced]:
    return [_traced(asked, row) for row in asked.rows]


def _publication(asked: _Asked) -> list[Traced]:
    (state,) = dicts(
        asked.connection.execute(
            "select count(*) as reports, count(distinct delivery_sha256) as deliveries,"
            " max(received_at) as received_at from marts.fct_submission "
            "where status = 'accepted'"
        )
    )
    return [
        _traced(asked, row, reasons=[reasons.published(row, state, asked.zone)])
        for row in asked.rows
    ]


def _cell(asked: _Asked) -> list[Traced]:
    """The cell that a row names; of a finding on none, what it is about."""
    wanted = {row["submission_id"] for row in asked.rows} - {None}
    sent = _sent(asked.connection, wanted)
    traced = []
    for row in asked.rows:
        by = sent.get(row["submission_id"], {})
        cell = {
            "submission": row["submission_id"],
            "file": row["source_file"],
            "sheet": row["source_sheet"],
            "cell": row["source_cell"],
            "raw_text": row.get("raw_text", row.get("observed")),
            "value": row.get("value"),
            "measure_code": row["indicator_code"],
            "unit_code": row["unit_code"],
            "period_key": row["period_key"],
            "programme_code": row["programme_code"],
            "delivery_sha256": row.get("delivery_sha256") or by.get("delivery_sha256"),
            "received_at": row.get("received_at") or by.get("received_at"),
        }
        is_placed = cell["file"] or cell["delivery_sha256"]
        why = reasons.of_cell(row)
        traced.append(
            _traced(asked, row, cells=[cell] if is_placed else [], reasons=why)
        )
    return traced


def _report(asked: _Asked) -> list[Traced]:
    """All cells of a report; of one that was not taken why, of a missing one since."""
    wanted = {row["submission_id"] for row in asked.rows} - {None}
    cells = _grouped(
        asked.connection,
        f"select distinct {_OWN_CELL} from marts.fct_observation_history "
        "where submission_id in (select unnest($ids::varchar[])) "
        "order by source_sheet, length(source_cell), source_cell, indicator_code",
        wanted,
        "submission",
    )
    findings = _grouped(
        asked.connection,
        "select submission_id, rule_code, severity, status, message_vi, message_en "
        "from marts.fct_finding where submission_id in (select unnest($ids::varchar[]))"
        " order by array_position(['BLOCKER', 'ERROR', 'WARNING', 'INFO'], severity), "
        "finding_id",
        wanted,
        "submission_id",
    )
    traced = []
    for row in asked.rows:
        sent = {name: row[name] for name in ("delivery_sha256", "received_at")}
        own = [{**cell, **sent} for cell in cells[row["submission_id"]]]
        traced.append(
            _traced(
                asked,
                row,
                cells=own,
                findings=[] if own else findings[row["submission_id"]],
                reasons=reasons.of_report(row, bool(own), asked.zone),
            )
        )
    return traced


def _judgement(asked: _Asked) -> list[Traced]:
    return _figured(asked, judged_figures(asked.connection, asked.rows))


def _figure(asked: _Asked) -> list[Traced]:
    return _figured(asked, [figures_of(row) for row in asked.rows])


def _figured(
    asked: _Asked, questions: Sequence[Sequence[tuple[Purpose, Figure]]]
) -> list[Traced]:
    """The cells of all figures of all rows, asked for at once."""
    figures = [figure for own in questions for _, figure in own]
    found = cells_of(asked.connection, figures)
    empty = [number for number, cells in enumerate(found) if not cells]
    rest = [figures[number] for number in empty]
    said = cells_of(asked.connection, rest, is_figure=False)
    for number, cells in zip(empty, said, strict=True):
        found[number] = cells
    missing = missing_of(asked.connection, figures)
    traced, at = [], 0
    for row, own in zip(asked.rows, questions, strict=True):
        ends = at + len(own)
        purposes = [_for(purpose) for purpose, _ in own]
        cells = _joined(found[at:ends], purposes)
        why = reasons.of_figures(
            row, [figure for _, figure in own], bool(cells), asked.zone
        )
        absent = _joined(missing[at:ends], purposes)
        traced.append(_traced(asked, row, cells=cells, missing=absent, reasons=why))
        at = ends
    return traced


def _joined(
    listed: Sequence[Sequence[dict[str, Any]]], purposes: Sequence[dict[str, str]]
) -> list[dict[str, Any]]:
    return [
        {**row, **purpose}
        for rows, purpose in zip(listed, purposes, strict=True)
        for row in rows
    ]


def _for(purpose: Purpose) -> dict[str, str]:
    said = {"for": purpose.en, "for_vi": purpose.vi}
    return {**said, "part": purpose.target_code} if purpose.target_code else said


def _traced(asked: _Asked, row: dict[str, Any], **found: Any) -> Traced:
    nothing: dict[str, Any] = {
        "cells": [],
        "missing": [],
        "findings": [],
        "reasons": [],
    }
    return {"kind": asked.kind, "row": row, **nothing, **found}


_TRACERS = {
    "programme": _programme,
    "publication": _publication,
    "cell": _cell,
    "report": _report,
    "judgement": _judgement,
    "figure": _figure,
}


def _sent(
    connection: duckdb.DuckDBPyConnection, submissions: Collection[str]
) -> dict[str, dict[str, Any]]:
    found = dicts(
        connection.execute(
            "select submission_id, delivery_sha256, received_at "
            "from marts.fct_submission "
            "where submission_id in (select unnest($ids::varchar[]))",
            {"ids": list(submissions)},
        )
    )
    return {row["submission_id"]: row for row in found}


def _grouped(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    ids: Collection[str],
    key: str,
) -> dict[str | None, list[dict[str, Any]]]:
    grouped: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for row in dicts(connection.execute(statement, {"ids": list(ids)})):
        grouped[row[key]].append(row)
    return grouped


def _refuse_unknown(
    connection: duckdb.DuckDBPyConnection, what: str, code: str
) -> None:
    table, column = _CODES[what]
    known = [
        row[0]
        for row in connection.execute(
            f"select distinct {column} from marts.{table} order by 1"
        ).fetchall()
    ]
    if code not in known:
        raise ReadError(
            f"Không có mã này · no {what} {code!r} is published (marts.{table}."
            f"{column}). Gần nhất · near ones: {near_ones(code, known)}."
        )
