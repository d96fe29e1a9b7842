"""Findings over everything: new once, then known, resolved and back."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.helpers.finding_life import (
    NOW,
    Clock,
    judge,
    life,
    standing,
)
from warehouse.errors import LedgerError
from warehouse.ledger import Ledger
from warehouse.ledger.waivers import waive


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
