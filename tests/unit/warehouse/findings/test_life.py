"""The life of findings: silence and its ends, whatever the order."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from tests.helpers.finding_life import (
    HOLD,
    LAST_DAY,
    NOW,
    OVER,
    Clock,
    judge,
    life,
)
from tests.helpers.warehouse_frames import (
    findings,
    no_findings,
    observations,
    origins,
    record,
    submission,
)
from warehouse.errors import LedgerError
from warehouse.ledger import Ledger, remembered
from warehouse.ledger.decisions import Decisions
from warehouse.ledger.findings import read_findings
from warehouse.ledger.waivers import reopen, waive


def test_a_waived_doubt_says_who_why_and_until_when(ledger: Ledger) -> None:
    doubt = judge(ledger, "one", 0)
    assert life(ledger) == {doubt: ("open", "new")}
    token = ledger.state_token()
    waive(ledger, doubt[:6], "Lan", "đã hỏi đơn vị", LAST_DAY)
    (row,) = ledger.findings("demo").to_dict("records")
    assert (row["status"], row["life"]) == ("waived", "waived")
    assert (row["waived_by"], row["waived_reason"]) == ("Lan", "đã hỏi đơn vị")
    assert row["waived_until"] == OVER
    assert ledger.state_token() != token


def test_a_waiver_holds_for_the_same_figure_in_a_later_version(ledger: Ledger) -> None:
    one = judge(ledger, "one", 0)
    waive(ledger, one, "Lan", "đúng", LAST_DAY)
    two = judge(ledger, "two", 1)
    assert life(ledger) == {
        one: ("resolved", "resolved"),
        two: ("waived", "waived"),
    }
    found = ledger.findings("demo").set_index("finding_id")
    assert list(found.loc[[one, two]].is_repeat) == [False, True]
    assert pd.isna(found.waived_until[one])


def test_another_figure_opens_it_again_and_the_old_one_is_silent_again(
    ledger: Ledger,
) -> None:
    one = judge(ledger, "one", 0)
    waive(ledger, one, "Lan", "đúng", LAST_DAY)
    two = judge(ledger, "two", 1, observed="70")
    assert life(ledger)[two] == ("open", "reopened")
    three = judge(ledger, "three", 2)
    assert life(ledger)[three] == ("waived", "waived")


def test_a_correction_resolves(ledger: Ledger) -> None:
    one = judge(ledger, "one", 0)
    batch = pd.DataFrame([submission("two")])
    ledger.record_deliveries(origins(("two", 1)), {}, "demo")
    values = observations(batch)
    ledger.record_judgement("demo", batch, no_findings(), values, values.row_id[:0])
    assert life(ledger) == {one: ("resolved", "resolved")}
    with pytest.raises(LedgerError, match="resolved already"):
        waive(ledger, one, "Lan", "đúng")


def test_a_file_nobody_could_read_is_resolved_when_it_comes_again_readable(
    ledger: Ledger,
) -> None:
    def send(content: str, hour: int) -> pd.DataFrame:
        batch = pd.DataFrame([submission(content)])
        arrived = origins((content, hour)).assign(origin="file:///in/báo cáo.xlsx")
        ledger.record_deliveries(arrived, {}, "demo")
        return batch

    values = observations(pd.DataFrame([submission("good")]))
    none = values.row_id[:0]
    for content, hour in (("broken", 0), ("worse", 1)):
        batch = send(content, hour)
        found = findings(batch).assign(submission_id=None, **HOLD)
        ledger.record_judgement("demo", batch.iloc[:0], found, values[:0], none)
    assert set(ledger.findings("demo").status) == {"open"}
    good = send("good", 2)
    ledger.record_judgement("demo", good, no_findings(), values, none)
    assert list(ledger.findings("demo").status) == ["resolved", "resolved"]


def test_a_waiver_ends_at_the_midnight_after_its_last_day(
    ledger: Ledger, clock: Clock
) -> None:
    doubt = judge(ledger, "one", 0)
    waive(ledger, doubt, "Lan", "đúng", LAST_DAY)
    clock.now = OVER - dt.timedelta(microseconds=1)
    assert life(ledger) == {doubt: ("waived", "waived")}
    token, decided = ledger.state_token(), ledger.decision_token()
    clock.now = OVER
    assert life(ledger) == {doubt: ("open", "reopened")}
    assert ledger.state_token() != token
    assert ledger.decision_token() != decided
    assert life(ledger, NOW - dt.timedelta(days=1)) == {doubt: ("open", "new")}
    assert life(ledger, NOW) == {doubt: ("waived", "waived")}


def test_a_person_reopens_and_both_decisions_stay_on_record(
    ledger: Ledger, clock: Clock
) -> None:
    doubt = judge(ledger, "one", 0)
    waive(ledger, doubt, "Lan", "đúng", LAST_DAY)
    clock.now = NOW - dt.timedelta(hours=3)  # a clock set back changes no order
    reopen(ledger, doubt, "Minh", "tìm thấy sổ")
    assert life(ledger) == {doubt: ("open", "reopened")}
    history = Decisions(ledger).history("demo")
    assert list(history.kind) == ["waive", "reopen"]
    assert list(history.decided_by) == ["Lan", "Minh"]
    assert history.decided_at.is_monotonic_increasing
    with pytest.raises(LedgerError, match="is not waived"):
        reopen(ledger, doubt, "Minh", "lần nữa")


def test_seen_before_is_told_by_when_it_was_received(ledger: Ledger) -> None:
    two = judge(ledger, "two", 5, status="rejected")
    one = judge(ledger, "one", 1, status="rejected")
    assert life(ledger) == {one: ("open", "new"), two: ("open", "seen")}


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ({"reason": "  "}, "needs a name and a reason"),
        ({"by": ""}, "needs a name and a reason"),
        ({"until": dt.date(2024, 5, 31)}, "a day from today to 365"),
        ({"until": dt.date(2025, 6, 2)}, r"\(2025-06-01\)"),
        ({"findings": "zz"}, "no finding has an id"),
        ({"findings": ""}, "no finding has an id"),
    ],
)
def test_refusals_record_nothing(
    ledger: Ledger, words: dict[str, Any], match: str
) -> None:
    doubt = judge(ledger, "one", 0)
    given: dict[str, Any] = {"findings": doubt, "by": "Lan", "reason": "đúng", **words}
    token = ledger.state_token()
    with pytest.raises(LedgerError, match=match):
        waive(ledger, **given)
    assert ledger.state_token() == token
    assert Decisions(ledger).history().empty


def test_an_unknown_id_names_the_nearest_and_a_short_one_the_choices(
    ledger: Ledger,
) -> None:
    record(ledger, [(submission(f"f{n}", f"U{n}"), n) for n in range(20)])
    ids = sorted(ledger.findings("demo").finding_id)
    near = next(i for i in ids if i.startswith(ids[0][:4]))
    with pytest.raises(LedgerError, match=rf"nearest: {near[:12]} \(whole A\)"):
        waive(ledger, near[:4] + "zz", "Lan", "đúng")
    letter = next(i[0] for i, j in pairwise(ids) if i[0] == j[0])
    with pytest.raises(LedgerError, match="write more of the id"):
        waive(ledger, letter, "Lan", "đúng")


def test_a_fault_that_stops_the_submission_cannot_be_waived(ledger: Ledger) -> None:
    blocker = judge(ledger, "one", 0, status="rejected", **HOLD)
    doubt = judge(ledger, "two", 1, status="rejected")
    with pytest.raises(LedgerError, match="corrected and sent again"):
        waive(ledger, [doubt, blocker], "Lan", "đúng")
    assert Decisions(ledger).history("demo").empty


def test_findings_are_read_once_as_long_as_nothing_changes(
    ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []

    def counted(*arguments: Any) -> pd.DataFrame:
        reads.append("read")
        return read_findings(*arguments)

    monkeypatch.setattr(remembered, "read_findings", counted)
    doubt = judge(ledger, "one", 0)
    first = ledger.findings("demo")
    first["status"] = "spoilt"
    assert life(ledger) == {doubt: ("open", "new")}
    assert list(ledger.recorded("demo").findings.status) == ["open"]
    assert len(reads) == 1
    waive(ledger, doubt, "Lan", "đúng", LAST_DAY)
    assert life(ledger) == {doubt: ("waived", "waived")}
    assert len(reads) == 2
    clock.now = OVER
    assert life(ledger) == {doubt: ("open", "reopened")}
    judge(ledger, "two", 1)
    assert len(life(ledger)) == 2
    assert len(reads) == 4
    assert ledger.findings("other").empty


def test_any_kind_of_decision_is_kept_and_the_newest_found(ledger: Ledger) -> None:
    decisions = Decisions(ledger)
    assert decisions.latest("demo", "accept_build", "b1") is None
    for reason in ("một", "hai"):
        decisions.record("demo", "accept_build", "build", "b1", "Lan", reason)
    newest = decisions.latest("demo", "accept_build", "b1")
    assert newest is not None
    assert (newest["reason"], newest["valid_until"]) == ("hai", None)
    assert len(decisions.history("demo")) == 2
