"""Findings as a person asks for them: filtered, one by one, with their history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from orchestration.steps.context import RunContext
from sources.programme.findings import Severity
from sources.readers.rejections import printable
from warehouse.ledger.decisions import Decisions
from warehouse.ledger.waivers import find

FINDINGS_SHOWN = (
    "finding_id",
    "severity",
    "status",
    "life",
    "rule_code",
    "unit_code",
    "form_code",
    "period_key",
    "indicator_code",
    "file_name",
    "place",
    "message_vi",
    "message_en",
    "observed",
    "expected",
    "origin",
    "recorded_at",
    "first_seen_at",
    "is_repeat",
    "waived_by",
    "waived_reason",
    "waived_until",
)
_VERSIONS = (
    "version",
    "status",
    "file_name",
    "received_at",
    "observation_count",
    "finding_count",
    "submission_id",
)
_DECISIONS = (
    "kind",
    "decided_at",
    "decided_by",
    "reason",
    "valid_until",
    "observed",
)
_SIGHTINGS = ("recorded_at", "finding_id", "status", "observed", "expected", "place")
_LONGEST = 2_000


def listed(run: RunContext, wanted: Mapping[str, str | None]) -> pd.DataFrame:
    """One row per finding with the given values (None: any), heaviest first."""
    found = _with_places(run, run.ledger.findings(run.programme.code))
    for column, value in wanted.items():
        if value is not None:
            found = found[found[column].eq(value)]
    weights = {str(severity): weight for weight, severity in enumerate(Severity)}
    order = ["weight", "unit_code", "form_code", "period_key", "place", "finding_id"]
    weighed = found.assign(weight=found.severity.map(weights))
    return weighed.sort_values(order, ignore_index=True).drop(columns="weight")


def dossier(run: RunContext, finding: str) -> dict[str, Any]:
    """Everything about one finding, ready for JSON.

    Keys: finding, sightings (findings with the same subject, oldest first), versions
    (of its submission), decisions (about it, oldest first).

    Raises:
        LedgerError: no finding has such an id, or several begin with it.
    """
    code = run.programme.code
    found = _with_places(run, run.ledger.findings(code))
    own = find(found, finding)
    row = own.iloc[0]
    same = found[found.subject_key.eq(row.subject_key)]
    submissions = run.ledger.submissions(code)
    key = ["form_code", "unit_code", "period_key"]
    versions = submissions.merge(own[key].dropna(), on=key).sort_values("version")
    decided = Decisions(run.ledger).history(code)
    decided = decided[decided.subject_id.isin({row.subject_id, row.subject_key})]
    return {
        "finding": plain(own[list(FINDINGS_SHOWN)])[0],
        "sightings": plain(same[list(_SIGHTINGS)]),
        "versions": plain(versions[list(_VERSIONS)]),
        "decisions": plain(decided[list(_DECISIONS)]),
    }


def other_programmes(run: RunContext) -> list[str]:
    """Codes of the other programmes that the home holds reports of."""
    codes = set(run.ledger.programme_codes())
    return sorted(codes - {run.programme.code})


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One dict per row: instants as ISO text, None where nothing is."""
    texts = frame.astype(object).where(frame.notna(), None)
    return [
        {
            str(name): value.isoformat() if isinstance(value, pd.Timestamp) else value
            for name, value in row.items()
        }
        for row in texts.to_dict("records")
    ]


def one_line(value: object) -> str:
    """Text for a terminal: no control or direction marks, nothing for None."""
    return "" if value is None else printable(str(value), _LONGEST)


def on_the_clock(row: Mapping[str, Any], timezone: str) -> dict[str, Any]:
    """A row of `plain` for a terminal: its instants as people of the programme do."""
    return {
        name: local_time(value, timezone)
        if name.endswith(("_at", "_until")) and isinstance(value, str)
        else value
        for name, value in row.items()
    }


def local_time(instant: str, timezone: str) -> str:
    """Day and time where the programme reports, from ISO text."""
    moment = dt.datetime.fromisoformat(instant)
    return f"{moment.astimezone(ZoneInfo(timezone)):%d/%m/%Y %H:%M}"


def last_day(until: dt.datetime | None, timezone: str) -> dt.date | None:
    """The last day before a moment, where the programme reports."""
    if until is None or pd.isna(until):
        return None
    local = until.astimezone(ZoneInfo(timezone)) - dt.timedelta(microseconds=1)
    return local.date()


def _with_places(run: RunContext, found: pd.DataFrame) -> pd.DataFrame:
    """Adds file_name and place: sheet and cell, as far as they are known."""
    deliveries = run.ledger.deliveries(run.programme.code)
    names = deliveries.set_index("delivery_sha256").file_name
    place = found.sheet.fillna("").str.cat(found.cell.fillna(""), sep=" ").str.strip()
    return found.assign(file_name=found.delivery_sha256.map(names), place=place)
