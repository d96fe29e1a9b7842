"""Findings: the frame every rule writes and every later step reads.

Grain: one row per fault or doubt found by a rule. Text columns hold str or None,
`is_*` are bool, `row_id` is Int64 (NA unless one observation is named).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal

import pandas as pd


class Severity(StrEnum):
    """How much a finding weighs, heaviest first.

    BLOCKER stops the submission, ERROR quarantines the value it names, WARNING and INFO
    let it in.
    """

    BLOCKER = "BLOCKER"
    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


Scope = Literal["delivery", "submission", "observation"]

FINDING_DTYPES: dict[str, str] = {
    "finding_id": "object",
    "programme_code": "object",
    "delivery_sha256": "object",
    "submission_id": "object",
    "unit_code": "object",
    "form_code": "object",
    "period_key": "object",
    "indicator_code": "object",
    "rule_code": "object",
    "severity": "object",
    "scope": "object",
    "is_blocking": "bool",
    "is_quarantining": "bool",
    "row_id": "Int64",
    "message_vi": "object",
    "message_en": "object",
    "sheet": "object",
    "cell": "object",
    "observed": "object",
    "expected": "object",
}
FINDING_COLUMNS: tuple[str, ...] = tuple(FINDING_DTYPES)

_IDENTITY = (
    "programme_code",
    "delivery_sha256",
    "submission_id",
    "rule_code",
    "sheet",
    "cell",
    "indicator_code",
)


def empty_findings() -> pd.DataFrame:
    """No rows, every finding column with its dtype."""
    return pd.DataFrame(
        {name: pd.Series([], dtype=dtype) for name, dtype in FINDING_DTYPES.items()}
    )


def finding_ids(frame: pd.DataFrame) -> pd.Series:
    """One id per row: 32 hex of SHA-256 over the columns that identify a finding.

    Rows that agree on programme, delivery, submission, rule, sheet, cell and indicator
    are the same finding and get the same id; empty and missing text count as equal.
    """
    joined = pd.Series("", index=frame.index, dtype="object")
    for position, name in enumerate(_IDENTITY):
        column = frame[name].astype("object")
        text = column.where(column.notna(), "").map(str)
        joined = text if position == 0 else joined + "|" + text
    return joined.map(_digest).astype("object")


def as_findings(rows: pd.DataFrame | Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """One row per given row, in the finding columns, dtypes and order, ids filled.

    Columns that are absent become None (False for flags). `is_blocking` defaults to
    severity BLOCKER and `is_quarantining` to severity ERROR on one observation.
    """
    given = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    if given.empty:
        return empty_findings()
    unknown = set(given.columns) - set(FINDING_COLUMNS)
    if unknown:
        raise ValueError(
            f"not finding columns: {sorted(unknown)}; use those of FINDING_COLUMNS"
        )
    frame = given.reset_index(drop=True)
    defaults = {
        "is_blocking": frame["severity"].eq(Severity.BLOCKER),
        "is_quarantining": frame["severity"].eq(Severity.ERROR)
        & frame["scope"].eq("observation"),
    }
    columns: dict[str, pd.Series] = {}
    for name, dtype in FINDING_DTYPES.items():
        if name == "finding_id":
            continue
        column = frame[name] if name in frame else defaults.get(name)
        if column is None:
            column = pd.Series([None] * len(frame), dtype="object")
        if name in defaults:
            column = column.where(column.notna(), defaults[name])
        if dtype == "object":
            column = column.astype("object")
            column = column.where(column.notna(), None).map(_text)
        columns[name] = column.astype(pd.api.types.pandas_dtype(dtype))
    columns["finding_id"] = finding_ids(pd.DataFrame(columns))
    return pd.DataFrame(columns)[list(FINDING_COLUMNS)]


def make_finding(
    *,
    programme_code: str,
    rule_code: str,
    severity: Severity,
    scope: Scope,
    message_vi: str,
    message_en: str,
    delivery_sha256: str | None = None,
    submission_id: str | None = None,
    unit_code: str | None = None,
    form_code: str | None = None,
    period_key: str | None = None,
    indicator_code: str | None = None,
    is_blocking: bool | None = None,
    is_quarantining: bool | None = None,
    row_id: int | None = None,
    sheet: str | None = None,
    cell: str | None = None,
    observed: str | None = None,
    expected: str | None = None,
) -> dict[str, object]:
    """One finding as a row of the frame, id and flags filled.

    Collect them in a list and pass it to `as_findings`; for many rows of one rule build
    a frame instead.
    """
    row: dict[str, object] = {
        "programme_code": programme_code,
        "delivery_sha256": delivery_sha256,
        "submission_id": submission_id,
        "unit_code": unit_code,
        "form_code": form_code,
        "period_key": period_key,
        "indicator_code": indicator_code,
        "rule_code": rule_code,
        "severity": str(Severity(severity)),
        "scope": scope,
        "is_blocking": severity == Severity.BLOCKER
        if is_blocking is None
        else is_blocking,
        "is_quarantining": severity == Severity.ERROR and scope == "observation"
        if is_quarantining is None
        else is_quarantining,
        "row_id": row_id,
        "message_vi": message_vi,
        "message_en": message_en,
        "sheet": sheet,
        "cell": cell,
        "observed": observed,
        "expected": expected,
    }
    identity = "|".join("" if row[n] is None else str(row[n]) for n in _IDENTITY)
    return {"finding_id": _digest(identity), **row}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
