"""Inspect a delivery: all that is known of one, for the person who must place it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from orchestration.steps.assign import find_delivery
from orchestration.steps.context import RunContext
from orchestration.steps.findings import one_line, plain
from orchestration.steps.read import jobs_of
from sources.readers.reading import read_cells
from sources.readers.rejections import Rejected
from sources.readers.sheet_facts import address
from warehouse.ledger.assignments import Assignments

_ROWS, _COLUMNS, _SHEETS = 6, 6, 10
_FINDINGS = (
    "finding_id",
    "rule_code",
    "severity",
    "status",
    "sheet",
    "cell",
    "observed",
    "expected",
    "message_vi",
    "message_en",
)
_SUBMISSIONS = ("form_code", "unit_code", "period_key", "status", "sheet")
_ORIGINS = ("origin", "modified_at", "size_bytes")
_DECISIONS = (
    "kind",
    "source_code",
    "form_code",
    "unit_code",
    "period_key",
    "to_programme_code",
    "decided_at",
    "decided_by",
    "reason",
)


def dossier(run: RunContext, delivery: str) -> dict[str, Any]:
    """Everything about one delivery, ready for JSON.

    Keys: delivery, origins, submissions, findings (open ones first), decisions (oldest
    first), sheets (name, state and first cells; none where it may hold records about
    persons, or where it cannot be read).

    Raises:
        NotAssignable: there is no such delivery, or several begin so.
    """
    row = find_delivery(run, delivery)
    sha256, code = row["delivery_sha256"], run.programme.code
    origins = run.ledger.known_origins(code)
    submissions = run.ledger.submissions(code)
    found = run.ledger.findings(code)
    found = found.assign(is_over=found.status.ne("open")).sort_values(
        ["is_over", "rule_code", "cell"]
    )

    def own(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
        return plain(frame.loc[frame.delivery_sha256.eq(sha256), list(columns)])

    return {
        "delivery": plain(pd.DataFrame([row], dtype=object))[0],
        "origins": own(origins, _ORIGINS),
        "submissions": own(submissions, _SUBMISSIONS),
        "findings": own(found, _FINDINGS),
        "decisions": own(Assignments(run.ledger).history(code, sha256), _DECISIONS),
        "sheets": _sheets(run, row),
    }


def _sheets(run: RunContext, row: dict[str, Any]) -> list[dict[str, Any]]:
    """The sheets that the reader sees; it refuses records about persons itself."""
    sha256 = row["delivery_sha256"]
    path = run.landing.path(sha256)
    if row["status"] == "refused" or not path.exists():
        return []
    (job,) = jobs_of(run, pd.DataFrame([row], dtype=object))
    answer = read_cells(run.programme, job, run.settings.limits)
    if isinstance(answer, Rejected):
        return []
    return [
        {
            "name": one_line(sheet["name"]),
            "state": sheet["state"],
            "cells": {
                address(at_row, at_column): one_line(text)
                for at_row, at_column, text in zip(
                    sheet["rows"], sheet["columns"], sheet["texts"], strict=True
                )
                if at_row < _ROWS and at_column < _COLUMNS
            },
        }
        for sheet in answer[:_SHEETS]
    ]
