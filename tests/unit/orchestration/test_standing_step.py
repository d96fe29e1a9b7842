"""The standing step: once per state, into the ledger, before anything is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from orchestration.steps.context import RunContext
from orchestration.steps.standing import judge_standing_facts
from tests.helpers.warehouse_frames import record, submission
from tests.unit.orchestration.release_case import VALUES, load, opened


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunContext]:
    with opened(tmp_path) as context:
        load(context)
        yield context


def standing(run: RunContext) -> pd.DataFrame:
    findings = run.ledger.findings("demo")
    return findings[findings.origin.eq("standing")]


def test_a_doubt_goes_on_record(run: RunContext) -> None:
    summary = judge_standing_facts(run)
    assert summary.is_judged
    assert summary.severities == {"WARNING": 1}
    found = standing(run)
    assert found.rule_code.tolist() == ["CONTROL_TOTAL_DIFFERS"]
    assert found.submission_id.tolist() == [
        submission("r24", "R", is_control_total=True)["submission_id"]
    ]
    assert found.status.tolist() == ["open"]
    pd.testing.assert_frame_equal(summary.findings, found)


def test_the_same_state_gives_the_last_results_without_judging(
    run: RunContext,
) -> None:
    first = judge_standing_facts(run)
    again = judge_standing_facts(run)
    assert not again.is_judged
    assert again.severities == first.severities
    assert again.findings.finding_id.tolist() == first.findings.finding_id.tolist()
    rows, last = (
        frame.fillna("").to_dict("records") for frame in (first.results, again.results)
    )
    assert last == rows


def test_a_corrected_total_resolves_the_doubt(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_standing_facts(run)
    monkeypatch.setitem(VALUES, "r24b", "50")
    record(run.ledger, [(submission("r24b", "R", is_control_total=True), 9)])
    load(run)
    summary = judge_standing_facts(run)
    assert (summary.is_judged, summary.severities) == (True, {})
    assert standing(run).status.tolist() == ["resolved"]


def test_a_change_elsewhere_leaves_the_doubt_as_it_was(
    run: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_standing_facts(run)
    before = standing(run)
    monkeypatch.setitem(VALUES, "a23", "5")
    record(run.ledger, [(submission("a23", period="civil-2023-Y"), 9)])
    load(run)
    summary = judge_standing_facts(run)
    assert summary.is_judged
    pd.testing.assert_frame_equal(standing(run), before)
