"""What a waiver lets in: a value, a held submission, and nothing beside them."""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from typing import Any

import pandas as pd
import pytest

from tests.helpers.finding_life import (
    ERROR,
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
    moment,
    observations,
    origins,
    sha,
    submission,
)
from warehouse.errors import LedgerError
from warehouse.ledger import Ledger
from warehouse.ledger.waivers import reopen, waive


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
    ledger.record_deliveries(origins(("one", 0)), {}, "demo")
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
    ledger.record_deliveries(origins(("one", 0)), {}, "demo")
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
