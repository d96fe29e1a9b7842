"""Trace: from published rows to cells, deliveries, sources, decisions, programme lines.

The published file says which cells; the ledger says where they came from and who
decided what; the programme folder says where it states what a row is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from orchestration.steps.context import RunContext
from sources.programme.places import places_of
from warehouse.ledger.outbox import Outbox
from warehouse.ledger.provenance import provenance
from warehouse.read import trace_rows

Row = dict[str, Any]
_OVERDUE = "overdue"
_TOLD = ("open", "sent", "resolved")


def traced_rows(run: RunContext, table: str, asked: Mapping[str, str]) -> list[Row]:
    """The rows of `trace_rows`, each with all that is known of where it came from.

    Cells also have source_code and decided (who placed their delivery). Rows have
    `programme` (places of the folder: part, codes, file, line) and `reminded` (what
    maintainers were told of a report that did not come).

    Raises:
        ReadError: no such table, column, value or row, or too many rows.
    """
    traced = trace_rows(run.home, table, asked, run.programme.timezone)
    with_origins(run, [cell for row in traced for cell in row["cells"]])
    for row in traced:
        facts = row["row"]
        row["programme"] = _places(run, facts)
        row["reminded"] = _reminders(run, facts) if row["kind"] == "report" else []
        if row["kind"] == "programme" and not row["programme"]:
            row["reasons"] = [*row["reasons"], _not_stated(run, facts)]
    return traced


def with_origins(run: RunContext, cells: Sequence[Row]) -> None:
    """Puts `source_code` and `decided` into cells, by their delivery."""
    known = provenance(run.ledger, {cell["delivery_sha256"] for cell in cells} - {None})
    for cell in cells:
        at = cell["programme_code"], cell["delivery_sha256"]
        cell.update(known.get(at, {"source_code": None, "decided": []}))


def leads_anywhere(traced: Sequence[Row]) -> bool:
    """True when a row leads to a cell or a line, or is the publication itself."""
    return any(
        row["cells"]
        or row["kind"] == "publication"
        or (row["kind"] == "programme" and row["programme"])
        for row in traced
    )


def _places(run: RunContext, facts: Row) -> list[Row]:
    if facts.get("programme_code", run.programme.code) != run.programme.code:
        return []
    return [asdict(place) for place in places_of(run.programme, facts)]


def _not_stated(run: RunContext, facts: Row) -> dict[str, str]:
    other = facts.get("programme_code", run.programme.code)
    if other != run.programme.code:
        return {
            "vi": f"Dòng của chương trình {other}: chỉ thư mục đó bằng --programme.",
            "en": f"A row of programme {other}: name its folder with --programme.",
        }
    return {
        "vi": f"Thư mục {run.programme.folder.name} nay không còn ghi dòng này.",
        "en": f"The folder {run.programme.folder.name} no longer states it.",
    }


def _reminders(run: RunContext, facts: Row) -> list[Row]:
    """What maintainers were told of a missing report: alerts group them by parent."""
    if facts["submission_id"] is not None:
        return []
    code = facts["unit_code"]
    units = [unit for unit in run.programme.units if unit.unit_code == code]
    groups = {code, *(unit.parent_unit_code for unit in units)}
    keys = {
        f"{_OVERDUE}|{group}|{facts['form_code']}|{facts['period_key']}"
        for group in groups
    }
    alerts = Outbox(run.ledger).alerts(facts["programme_code"], _TOLD)
    about = alerts[alerts.alert_key.isin(keys)]
    names = ["kind", "state", "times", "message_vi", "message_en", "last_seen_at"]
    return [dict(zip(names, row, strict=True)) for row in about[names].to_numpy()]
