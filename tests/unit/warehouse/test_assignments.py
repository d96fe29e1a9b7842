"""Decisions on deliveries in the ledger: what holds, what is judged and loaded anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from tests.helpers.finding_life import NOW, Clock
from tests.helpers.warehouse_frames import (
    findings,
    observations,
    origins,
    record,
    reference,
    sha,
    submission,
)
from warehouse.errors import LedgerError
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.ledger.assignments import Assignments
from warehouse.load import sync

DAY = dt.timedelta(days=1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    created = Home(tmp_path / "home")
    created.create()
    return created


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(home: Home, clock: Clock) -> Iterator[Ledger]:
    opened = Ledger.open(home.ledger_url, clock)
    yield opened
    opened.close()


def judge(ledger: Ledger, *rows: dict[str, object], **values: str) -> pd.DataFrame:
    """Judges deliveries that were received; `values` by file name."""
    batch = pd.DataFrame(rows)
    chosen = {
        row["submission_id"]: values[str(row["file_name"])[:-5]]
        for row in rows
        if str(row["file_name"])[:-5] in values
    }
    read = observations(batch, chosen)  # type: ignore[arg-type]
    found = findings(batch).assign(severity="BLOCKER", is_blocking=True)
    is_bad = batch.status.eq("rejected")
    ledger.record_judgement("demo", batch, found[is_bad], read, read.row_id[:0])
    return read


def statuses(ledger: Ledger) -> list[str]:
    return list(ledger.findings("demo").status)


def test_the_newest_decision_holds_also_after_a_clock_was_set_back(
    ledger: Ledger, clock: Clock
) -> None:
    record(ledger, [(submission("one", status="rejected"), 0)])
    decided = Assignments(ledger)
    about = ("demo", sha("one"))
    decided.assign(*about, "Lan", "gọi hỏi", unit_code="A")
    clock.now = NOW - DAY
    decided.assign(*about, "Hoa", "gọi lại", unit_code="B", form_code="F")
    (row,) = decided.current("demo").to_dict("records")
    assert (row["unit_code"], row["form_code"], row["decided_by"]) == ("B", "F", "Hoa")
    history = decided.history(*about)
    assert history.unit_code.tolist() == ["A", "B"]
    assert history.decided_at.is_monotonic_increasing
    assert decided.current("other").empty
    assert ledger.pending_deliveries("demo").delivery_sha256.tolist() == [sha("one")]


@pytest.mark.parametrize(("by", "reason"), [("", "vì"), ("Lan", " ")])
def test_nobody_decides_without_name_and_reason(
    ledger: Ledger, by: str, reason: str
) -> None:
    record(ledger, [(submission("one"), 0)])
    before = ledger.state_token()
    for decide in (Assignments(ledger).assign, Assignments(ledger).dismiss):
        with pytest.raises(LedgerError, match="--reason"):
            decide("demo", sha("one"), by, reason)
    assert ledger.state_token() == before
    assert ledger.pending_deliveries("demo").empty


def test_unknown_and_refused_deliveries_are_never_read_again(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)])
    ledger.record_deliveries(origins(("bad", 1)), {}, "demo")
    nothing = pd.DataFrame([submission("bad")]).iloc[:0]
    read = observations(pd.DataFrame([submission("bad")])).iloc[:0]
    found = findings(pd.DataFrame([submission("bad")])).iloc[:0]
    refused = {sha("bad"): "refused"}
    ledger.record_judgement("demo", nothing, found, read, read.row_id, refused)
    decided = Assignments(ledger)
    with pytest.raises(LedgerError, match="personal data"):
        decided.requeue("demo", [sha("one"), sha("bad")])
    with pytest.raises(LedgerError, match="personal data"):
        decided.pass_on("demo", sha("bad"), "other", "Lan", "vì", "inbox")
    with pytest.raises(LedgerError, match="no delivery"):
        decided.assign("demo", sha("never"), "Lan", "vì", unit_code="A")
    assert ledger.pending_deliveries("demo").empty
    assert ledger.programme_codes() == ["demo"]


def test_a_dismissal_settles_what_was_not_taken_and_nothing_else(
    ledger: Ledger, clock: Clock
) -> None:
    good, bad = submission("one"), submission("one", "Z", "rejected")
    record(ledger, [(good, 0), (bad, 0)])
    judged = clock.now
    clock.now += DAY
    Assignments(ledger).dismiss("demo", sha("one"), "Lan", "không của ai")
    by_id = ledger.findings("demo").set_index("submission_id").status
    assert by_id.to_dict() == {
        good["submission_id"]: "open",
        bad["submission_id"]: "resolved",
    }
    assert set(ledger.findings("demo", at=judged).status) == {"open"}
    Assignments(ledger).assign("demo", sha("one"), "Lan", "nhầm", unit_code="A")
    assert statuses(ledger) == ["open", "open"], "a newer decision took its place"


def test_what_is_judged_again_meets_the_version_before_it(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0), (submission("two"), 1)])
    assert ledger.current_counts("demo").received_at.dt.hour.tolist() == [9]
    Assignments(ledger).requeue("demo", [sha("two")])
    current = ledger.current_counts("demo")
    assert current.received_at.dt.hour.tolist() == [8], "the one before, not itself"
    assert current.observation_count.tolist() == [1]
    submissions = ledger.submissions("demo")
    assert submissions.status.tolist() == ["superseded", "accepted"], "holds till then"
    Assignments(ledger).requeue("demo", [sha("one")])
    assert ledger.current_counts("demo").empty


def test_the_same_report_read_otherwise_is_loaded_anew(
    home: Home, ledger: Ledger, clock: Clock
) -> None:
    ledger.record_deliveries(origins(("one", 0), ("two", 1)), {}, "demo")
    rows = [submission("one"), submission("two", "B")]
    first = judge(ledger, *rows, one="7", two="5")
    sync(home, "demo", reference(), ledger, lambda _: first)

    def never(_: pd.DataFrame) -> pd.DataFrame:
        raise AssertionError("nothing was judged again")

    ledger.record_judgement("demo", *_same(rows, first))
    sync(home, "demo", reference(), ledger, never)
    clock.now += DAY
    Assignments(ledger).requeue("demo", [sha("one")])
    again = judge(ledger, rows[0], one="6")
    asked: list[str] = []

    def read(submissions: pd.DataFrame) -> pd.DataFrame:
        asked.extend(submissions.file_name)
        return again

    sync(home, "demo", reference(), ledger, read)
    assert asked == ["one.xlsx"]
    with duckdb.connect(str(home.build_db), read_only=True) as connection:
        values = connection.execute(
            "select value from raw.observation where measure_code = 'm' order by 1"
        ).fetchall()
    assert [value for (value,) in values] == [Decimal(5), Decimal(6)]
    recorded = ledger.submissions("demo").set_index("file_name").recorded_at
    assert recorded["one.xlsx"] - recorded["two.xlsx"] == DAY


def _same(
    rows: list[dict[str, object]], read: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.Series]:
    batch = pd.DataFrame(rows)
    return batch, findings(batch).iloc[:0], read, read.row_id[:0]
