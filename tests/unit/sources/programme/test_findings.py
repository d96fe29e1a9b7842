from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from sources.programme.findings import (
    FINDING_COLUMNS,
    Severity,
    as_findings,
    empty_findings,
    finding_ids,
    make_finding,
)


def one(**changes):
    given = {
        "programme_code": "p",
        "rule_code": "negative",
        "severity": Severity.ERROR,
        "scope": "observation",
        "message_vi": "Số âm",
        "message_en": "Negative",
        "sheet": "Biểu",
        "cell": "C5",
        "row_id": 3,
    }
    return make_finding(**{**given, **changes})


def test_id_is_the_published_hash_and_the_same_both_ways():
    row = one(delivery_sha256="d", submission_id="s", indicator_code="crimes")
    digest = hashlib.sha256("p|d|s|negative|Biểu|C5|crimes".encode()).hexdigest()
    assert row["finding_id"] == digest[:32]
    frame = as_findings([row, one(cell="C6")])
    assert list(finding_ids(frame)) == list(frame["finding_id"])
    both = [row["finding_id"], one(cell="C6")["finding_id"]]
    assert list(frame["finding_id"]) == both
    assert frame["finding_id"].is_unique


def test_severity_decides_the_flags_unless_told():
    frame = as_findings(
        [
            one(),
            one(severity=Severity.BLOCKER, scope="submission", row_id=None),
            one(severity=Severity.WARNING),
            one(severity=Severity.ERROR, is_quarantining=False),
        ]
    )
    assert list(frame["is_blocking"]) == [False, True, False, False]
    assert list(frame["is_quarantining"]) == [True, False, False, False]


def test_flags_are_filled_for_frames_too():
    rows = pd.DataFrame([one(), one(severity=Severity.BLOCKER)]).drop(
        columns=["finding_id", "is_blocking", "is_quarantining"]
    )
    frame = as_findings(rows)
    assert list(frame["is_blocking"]) == [False, True]
    assert list(frame["is_quarantining"]) == [True, False]


def test_frames_keep_columns_dtypes_and_nulls():
    empty, full = empty_findings(), as_findings([one(row_id=None)])
    assert tuple(empty.columns) == tuple(full.columns) == FINDING_COLUMNS
    assert empty.dtypes.equals(full.dtypes)
    assert full["unit_code"].iloc[0] is None
    assert full["row_id"].iloc[0] is pd.NA
    assert as_findings([]).equals(empty)


def test_unknown_columns_are_refused():
    with pytest.raises(ValueError, match="colour"):
        as_findings(pd.DataFrame([{**one(), "colour": "red"}]))
