"""The life of findings: silence, release and their ends, whatever the order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.helpers.warehouse_frames import (
    findings,
    moment,
    no_findings,
    observations,
    origins,
    record,
    sha,
    submission,
)
from warehouse.errors import LedgerError
from warehouse.ledger import Ledger
from warehouse.ledger.decisions import Decisions
from warehouse.ledger.waivers import reopen, waive

NOW = dt.datetime(2024, 6, 1, 8, tzinfo=dt.UTC)  # 15:00 in Hà Nội
LAST_DAY = dt.date(2024, 6, 10)
OVER = dt.datetime(2024, 6, 10, 17, tzinfo=dt.UTC)  # midnight in Hà Nội


class Clock:
    """A clock that tests turn by hand."""

    now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock)
    yield opened
    opened.close()


def judge(
    ledger: Ledger,
    content: str,
    hour: int,
    status: str = "accepted",
    quarantined: tuple[int, ...] = (),
    **finding: Any,
) -> str:
    """One submission with one finding of the given words; gives the finding's id."""
    batch = pd.DataFrame([submission(content, status=status)])
    ledger.record_deliveries(origins((content, hour)))
    found = findings(batch).assign(**finding)
    rows = pd.Series(quarantined, dtype="int64")
    ledger.record_judgement("demo", batch, found, observations(batch), rows)
    return str(found.finding_id[0])


ERROR: dict[str, Any] = {
    "severity": "ERROR",
    "is_quarantining": True,
    "expected": "≥ 9",
}
HOLD: dict[str, Any] = {
    "severity": "BLOCKER",
    "scope": "submission",
    "is_blocking": True,
    "indicator_code": None,
    "cell": None,
    "observed": "1",
    "expected": "8",
}


def life(ledger: Ledger, at: dt.datetime | None = None) -> dict[str, tuple[str, str]]:
    found = ledger.findings("demo", at)
    return {
        i: (s, li)
        for i, s, li in zip(found.finding_id, found.status, found.life, strict=True)
    }


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
    ledger.record_deliveries(origins(("two", 1)))
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
        ledger.record_deliveries(arrived)
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


def test_a_waived_error_lets_its_value_in_until_it_ends(
    ledger: Ledger, clock: Clock
) -> None:
    error = judge(ledger, "one", 0, quarantined=(0,), **ERROR)
    assert list(ledger.quarantined("demo").cell) == ["B2"]
    assert list(ledger.kept_counts("demo").kept_count) == [0]
    (row,) = waive(ledger, error, "Lan", "đúng", LAST_DAY).to_dict("records")
    assert row["effect"] == "let_in"
    assert ledger.quarantined("demo").empty
    assert list(ledger.kept_counts("demo").kept_count) == [1]
    clock.now = OVER
    assert list(ledger.quarantined("demo").cell) == ["B2"]
    assert list(ledger.kept_counts("demo").kept_count) == [0]


def test_another_whole_is_another_question(ledger: Ledger) -> None:
    one = judge(ledger, "one", 0, quarantined=(0,), **ERROR)
    waive(ledger, one, "Lan", "đúng")
    two = judge(ledger, "two", 1, quarantined=(0,), **{**ERROR, "expected": "≥ 90"})
    assert life(ledger)[two] == ("open", "reopened")
    (kept_out,) = ledger.quarantined("demo").submission_id
    assert kept_out == submission("two")["submission_id"]


def test_a_cell_without_a_readable_value_stays_out(ledger: Ledger) -> None:
    error = judge(ledger, "one", 0, quarantined=(1,), **{**ERROR, "cell": "B3"})
    batch = ledger.findings("demo").assign(indicator_code="x")
    values = observations(pd.DataFrame([submission("one")]))
    ledger.record_judgement(
        "demo",
        pd.DataFrame([submission("one")]),
        batch,
        values,
        pd.Series([1], dtype="int64"),
    )
    (row,) = waive(ledger, error, "Lan", "biết rồi").to_dict("records")
    assert (row["status"], row["effect"]) == ("waived", "silenced")
    assert list(ledger.quarantined("demo").cell) == ["B3"]
    assert list(ledger.kept_counts("demo").kept_count) == [1]


def test_a_value_with_two_faults_enters_when_both_are_waived(ledger: Ledger) -> None:
    batch = pd.DataFrame([submission("one")])
    ledger.record_deliveries(origins(("one", 0)))
    one = findings(batch).assign(**ERROR)
    two = one.assign(finding_id=sha("two")[:32], rule_code="other")
    ledger.record_judgement(
        "demo",
        batch,
        pd.concat([one, two], ignore_index=True),
        observations(batch),
        pd.Series([0], dtype="int64"),
    )
    waive(ledger, one.finding_id[0], "Lan", "đúng")
    assert len(ledger.quarantined("demo")) == 1
    waive(ledger, two.finding_id[0], "Lan", "đúng")
    assert ledger.quarantined("demo").empty


def test_of_a_measure_twice_in_one_submission_one_value_may_enter(
    ledger: Ledger,
) -> None:
    batch = pd.DataFrame([submission("one")])
    ledger.record_deliveries(origins(("one", 0)))
    values = observations(batch)
    values.loc[1, ["measure_code", "observation_status"]] = ["m", "reported"]
    first = findings(batch).assign(**ERROR)
    second = first.assign(finding_id=sha("b3")[:32], cell="B3", observed="8")
    every = pd.concat([first, second], ignore_index=True)
    rows = values.row_id
    ledger.record_judgement("demo", batch, every, values, rows)
    with pytest.raises(LedgerError, match="only one can enter"):
        waive(ledger, list(every.finding_id), "Lan", "cả hai")
    assert len(ledger.quarantined("demo")) == 2
    waive(ledger, second.finding_id[0], "Lan", "số này đúng")
    assert list(ledger.quarantined("demo").cell) == ["B2"]


def test_a_value_of_no_measure_of_the_form_has_no_place(ledger: Ledger) -> None:
    error = judge(ledger, "one", 0, quarantined=(0,), **ERROR)
    measures = pd.DataFrame({"form_code": ["F"], "indicator_code": ["other"]})
    with pytest.raises(LedgerError, match="no place to enter"):
        waive(ledger, error, "Lan", "đúng", measures=measures)
    known = measures.assign(indicator_code="m")
    waive(ledger, error, "Lan", "đúng", measures=known)
    assert ledger.quarantined("demo").empty


def test_a_released_submission_is_accepted_until_a_person_holds_it_again(
    ledger: Ledger, clock: Clock
) -> None:
    judge(ledger, "one", 0)
    hold = judge(ledger, "two", 1, status="held", **HOLD)
    (row,) = waive(ledger, hold, "Lan", "đơn vị đã giải thể một đội").to_dict("records")
    assert (row["effect"], pd.isna(row["waived_until"])) == ("released", True)
    assert list(ledger.submissions("demo").status) == ["superseded", "accepted"]
    assert ledger.submissions("demo").accepted_to[0] == moment(1)
    clock.now = NOW + dt.timedelta(days=400)
    judge(ledger, "two", 1, status="held", **HOLD)  # judged again, still released
    assert list(ledger.submissions("demo").status) == ["superseded", "accepted"]
    reopen(ledger, hold, "Minh", "nhầm")
    assert list(ledger.submissions("demo").status) == ["accepted", "held"]
    assert life(ledger)[hold] == ("open", "reopened")


def test_releasing_one_submission_releases_no_other(ledger: Ledger) -> None:
    judge(ledger, "one", 0)
    two = judge(ledger, "two", 1, status="held", **HOLD)
    three = judge(ledger, "three", 2, status="held", **HOLD)
    waive(ledger, two, "Lan", "đúng")
    assert list(ledger.submissions("demo").status) == ["superseded", "accepted", "held"]
    assert life(ledger)[three] == ("open", "seen")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_arrivals_and_decisions_does_not_matter(
    ledger: Ledger, order: tuple[int, ...]
) -> None:
    def arrive(content: str, hour: int, **words: Any) -> None:
        judge(ledger, content, hour, **words)

    hold = judge(ledger, "two", 1, status="held", **HOLD)
    acts = (
        lambda: arrive("one", 0),
        lambda: waive(ledger, hold, "Lan", "đúng"),
        lambda: arrive("zero", -1, status="rejected"),
    )
    for number in order:
        acts[number]()
    submissions = ledger.submissions("demo")
    assert list(submissions.version) == [1, 2, 3]
    assert list(submissions.status) == ["rejected", "superseded", "accepted"]
    found = ledger.findings("demo").set_index("delivery_sha256")
    shown = [sha("zero"), sha("one"), sha("two")]
    assert list(found.status[shown]) == ["resolved", "resolved", "waived"]
    assert list(found.is_repeat[shown]) == [False, True, False]


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


def test_any_kind_of_decision_is_kept_and_the_newest_found(ledger: Ledger) -> None:
    decisions = Decisions(ledger)
    assert decisions.latest("demo", "accept_build", "b1") is None
    for reason in ("một", "hai"):
        decisions.record("demo", "accept_build", "build", "b1", "Lan", reason)
    newest = decisions.latest("demo", "accept_build", "b1")
    assert newest is not None
    assert (newest["reason"], newest["valid_until"]) == ("hai", None)
    assert len(decisions.history("demo")) == 2


def standing(*seen: tuple[str, str]) -> pd.DataFrame:
    """Findings of a standing check: (unit, observed)."""
    one = findings(pd.DataFrame([submission("x")])).assign(
        submission_id=None, delivery_sha256=None, scope="series", sheet=None, cell=None
    )
    frames = [one.assign(unit_code=u, observed=o) for u, o in seen]
    return pd.concat(frames, ignore_index=True) if frames else no_findings()


def test_a_standing_finding_is_new_once_then_known_then_resolved_and_back(
    ledger: Ledger, clock: Clock
) -> None:
    ledger.record_standing("demo", standing(("A", "3"), ("B", "4")))
    first, token = ledger.findings("demo"), ledger.state_token()
    assert list(first.origin) == ["standing", "standing"]
    clock.now = NOW + dt.timedelta(days=1)
    ledger.record_standing("demo", standing(("B", "4"), ("A", "3")))
    assert ledger.state_token() == token
    ledger.record_standing("demo", standing(("A", "5")))
    found = ledger.findings("demo").set_index("unit_code")
    assert dict(found.status) == {"A": "open", "B": "resolved"}
    assert found.observed["A"] == "5"
    assert set(found.first_seen_at) == {NOW}
    assert set(found.finding_id) == set(first.finding_id)
    gone = ledger.state_token()
    ledger.record_standing("demo", standing(("A", "5")))
    assert ledger.state_token() == gone
    ledger.record_standing("demo", standing(("A", "5"), ("B", "4")))
    assert set(ledger.findings("demo").status) == {"open"}


def test_standing_findings_leave_those_of_gate_1_and_of_others_alone(
    ledger: Ledger,
) -> None:
    doubt = judge(ledger, "one", 0)
    ledger.record_standing("demo", standing(("A", "3")))
    other = standing(("A", "3")).assign(programme_code="other")
    ledger.record_standing("other", other)
    ledger.record_standing("demo", standing())
    assert dict(life(ledger))[doubt] == ("open", "new")
    assert list(ledger.findings("other").status) == ["open"]
    assert list(ledger.submissions("demo").finding_count) == [1]
    with pytest.raises(LedgerError, match="for programme demo"):
        ledger.record_standing("demo", other)
    with pytest.raises(LedgerError, match="same rule of the same"):
        ledger.record_standing("demo", standing(("A", "3"), ("A", "4")))


def test_a_waived_standing_doubt_opens_when_its_figure_changes(ledger: Ledger) -> None:
    ledger.record_standing("demo", standing(("A", "3")))
    (doubt,) = ledger.findings("demo").finding_id
    waive(ledger, doubt, "Lan", "đúng")
    ledger.record_standing("demo", standing(("A", "3")))
    assert life(ledger) == {doubt: ("waived", "waived")}
    ledger.record_standing("demo", standing(("A", "4")))
    assert life(ledger) == {doubt: ("open", "reopened")}
