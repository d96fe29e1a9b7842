"""The ledger on SQLite: what is recorded, once, whole, and in whatever order."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.exc import IntegrityError

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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{path}")
    yield opened
    opened.close()


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return list(frame[list(columns)].itertuples(index=False, name=None))


def test_sqlite_lets_readers_work_beside_a_writer(ledger: Ledger, path: Path) -> None:
    with sqlite3.connect(path) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
    connection.close()


def test_the_same_bytes_at_two_places_are_one_delivery(ledger: Ledger) -> None:
    assert ledger.record_deliveries(origins(("one", 5), ("two", 1)), {}, "demo") == 2
    assert ledger.record_deliveries(origins(("one", 9)), {}, "demo") == 0
    assert len(ledger.deliveries("demo")) == 2
    known = ledger.known_origins("demo")
    assert rows(known, "origin", "size_bytes", "modified_at", "delivery_sha256") == [
        ("file:///in/one-5.xlsx", 3, moment(5), sha("one")),
        ("file:///in/one-9.xlsx", 3, moment(9), sha("one")),
        ("file:///in/two-1.xlsx", 3, moment(1), sha("two")),
    ]


def test_a_delivery_was_received_when_its_earliest_place_was_written(
    ledger: Ledger,
) -> None:
    ledger.record_deliveries(origins(("one", 5)), {}, "demo")
    ledger.record_deliveries(origins(("one", 2)), {}, "demo")
    assert rows(ledger.deliveries("demo"), "received_at", "origin") == [
        (moment(2), "file:///in/one-2.xlsx")
    ]


def test_judged_deliveries_are_no_longer_pending(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)])
    ledger.record_deliveries(origins(("two", 1)), {}, "demo")
    pending = ledger.pending_deliveries("demo")
    assert rows(pending, "delivery_sha256", "file_name", "source_code") == [
        (sha("two"), "two.xlsx", "inbox")
    ]


def test_a_delivery_without_submissions_is_rejected_or_as_told(ledger: Ledger) -> None:
    ledger.record_deliveries(origins(("broken", 0), ("personal", 1)), {}, "demo")
    none = pd.DataFrame([submission("none")]).iloc[:0]
    broken = findings(pd.DataFrame([submission("broken")])).assign(submission_id=None)
    values = observations(none)
    ledger.record_judgement(
        "demo", none, broken, values, values.row_id, {sha("personal"): "refused"}
    )
    deliveries = ledger.deliveries("demo")
    assert rows(deliveries, "delivery_sha256", "status") == [
        (sha("broken"), "rejected"),
        (sha("personal"), "refused"),
    ]
    assert ledger.pending_deliveries("demo").empty


def test_a_new_version_supersedes_and_history_stays(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0), (submission("two"), 1)])
    columns = ("version", "status", "accepted_from", "accepted_to", "change_reason")
    assert rows(ledger.submissions("demo").astype(object), *columns) == [
        (1, "superseded", moment(0), moment(1), "first_report"),
        (2, "accepted", moment(1), pd.NaT, "correction"),
    ]


def test_rejected_and_held_ones_take_a_version_and_change_nothing_else(
    ledger: Ledger,
) -> None:
    batch = [
        (submission("zero", status="rejected"), 0),
        (submission("one"), 1),
        (submission("two", status="held"), 2),
    ]
    record(ledger, batch)
    columns = ("version", "status", "change_reason")
    assert rows(ledger.submissions("demo"), *columns) == [
        (1, "rejected", "rejected"),
        (2, "accepted", "first_report"),
        (3, "held", "held"),
    ]


def test_submissions_that_name_no_place_are_not_versions_of_each_other(
    ledger: Ledger,
) -> None:
    lost = [(submission(name, None, "rejected"), h) for h, name in enumerate("ab")]
    record(ledger, lost)
    assert list(ledger.submissions("demo").version) == [1, 1]


def test_a_place_seen_late_but_written_early_ranks_by_when_it_was_written(
    ledger: Ledger,
) -> None:
    record(ledger, [(submission("one"), 3), (submission("two"), 5)])
    ledger.record_deliveries(origins(("two", 1)), {}, "demo")
    assert rows(ledger.submissions("demo"), "file_name", "version", "status") == [
        ("two.xlsx", 1, "superseded"),
        ("one.xlsx", 2, "accepted"),
    ]


def test_counts_and_quarantine_follow_the_batch(ledger: Ledger) -> None:
    batch = record(
        ledger, [(submission("one"), 0), (submission("two", "B"), 1)], quarantined=(0,)
    )
    first, second = batch.submission_id
    assert rows(ledger.submissions("demo"), "observation_count", "finding_count") == [
        (1, 1),
        (1, 1),
    ]
    assert dict(rows(ledger.kept_counts("demo"), "submission_id", "kept_count")) == {
        first: 0,
        second: 1,
    }
    quarantined = ledger.quarantined("demo")
    assert rows(quarantined, "submission_id", "measure_code", "sheet", "cell") == [
        (first, "m", "Biểu", "B2")
    ]


def test_current_counts_are_of_the_accepted_version(ledger: Ledger) -> None:
    batch = [(submission("one"), 0), (submission("two", status="held"), 1)]
    record(ledger, batch)
    columns = ("form_code", "unit_code", "period_key", "observation_count")
    current = ledger.current_counts("demo")
    assert rows(current, *columns) == [("F", "A", "civil-2024-Y", 1)]
    assert list(current.received_at) == [moment(0)]


def test_current_counts_leave_out_what_was_kept_out(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)], quarantined=(0,))
    assert list(ledger.current_counts("demo").observation_count) == [0]


def test_recording_the_same_batch_twice_changes_nothing(
    ledger: Ledger, path: Path
) -> None:
    batch = [(submission("one"), 0), (submission("two"), 1)]
    record(ledger, batch, quarantined=(1,))
    before = list(sqlite3.connect(path).iterdump())
    token = ledger.state_token()
    record(ledger, batch, quarantined=(1,))
    assert list(sqlite3.connect(path).iterdump()) == before
    assert ledger.state_token() == token


def test_judging_again_replaces_what_was_said(ledger: Ledger) -> None:
    batch = record(ledger, [(submission("one"), 0)], quarantined=(0,))
    values = observations(batch)
    ledger.record_judgement(
        "demo",
        batch.assign(status="rejected"),
        no_findings(),
        values,
        values.row_id[:0],
    )
    assert list(ledger.submissions("demo").status) == ["rejected"]
    assert ledger.findings("demo").empty
    assert ledger.quarantined("demo").empty


def test_judging_again_as_another_unit_ranks_the_place_it_left(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0), (submission("two"), 1)])
    record(ledger, [(submission("two", "B"), 1)])
    assert rows(ledger.submissions("demo"), "unit_code", "version", "status") == [
        ("A", 1, "accepted"),
        ("B", 1, "accepted"),
    ]


def test_findings_of_an_outdated_submission_are_resolved(ledger: Ledger) -> None:
    batch = [(submission("one", status="rejected"), 0), (submission("two"), 1)]
    record(ledger, batch[:1])
    assert list(ledger.findings("demo").status) == ["open"]
    record(ledger, batch[1:])
    found = ledger.findings("demo").set_index("delivery_sha256").status
    assert found[sha("one")] == "resolved"
    assert found[sha("two")] == "open"


def test_a_batch_that_fails_midway_leaves_nothing(ledger: Ledger) -> None:
    ledger.record_deliveries(origins(("one", 0)), {}, "demo")
    token = ledger.state_token()
    batch = pd.DataFrame([submission("one")])
    values = observations(batch)
    wrong = findings(batch).assign(message_vi=None)
    with pytest.raises(IntegrityError):
        ledger.record_judgement("demo", batch, wrong, values, values.row_id[:0])
    assert ledger.submissions("demo").empty
    assert ledger.state_token() == token


def test_a_judgement_of_an_unknown_delivery_is_refused(ledger: Ledger) -> None:
    batch = pd.DataFrame([submission("never")])
    values = observations(batch)
    with pytest.raises(LedgerError, match="never recorded as received"):
        ledger.record_judgement("demo", batch, no_findings(), values, values.row_id)


def test_an_absent_column_is_named(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"Deliveries: .* lacks .* modified_at"):
        ledger.record_deliveries(
            origins(("one", 0)).drop(columns="modified_at"), {}, "demo"
        )


def test_a_time_without_zone_is_refused(ledger: Ledger) -> None:
    naive = origins(("one", 0)).assign(modified_at=dt.datetime(2024, 1, 1))
    with pytest.raises(LedgerError, match="no time zone"):
        ledger.record_deliveries(naive, {}, "demo")


def test_hostile_texts_are_kept_as_far_as_a_database_can(ledger: Ledger) -> None:
    unit = "A\x00" + "x" * 40_000 + "'; drop table submission; --"
    record(ledger, [(submission("one", unit, "rejected"), 0)])
    (kept,) = ledger.submissions("demo").unit_code
    assert kept == unit.replace("\x00", "\ufffd")


def test_a_file_name_that_is_not_unicode_does_not_stop_the_pull(ledger: Ledger) -> None:
    frame = origins(("one", 0)).astype(object)
    frame["file_name"] = pd.Series(["báo cáo\udcff.xlsx"], dtype=object)
    ledger.record_deliveries(frame, {}, "demo")
    assert list(ledger.deliveries("demo").file_name) == ["báo cáo?.xlsx"]


def test_the_token_changes_with_every_kind_of_record(ledger: Ledger) -> None:
    tokens = [ledger.state_token()]
    ledger.record_deliveries(origins(("one", 0)), {}, "demo")
    tokens.append(ledger.state_token())
    record(ledger, [(submission("one"), 0)])
    tokens.append(ledger.state_token())
    ledger.record_members(member("Trộm", "police-2023-Y"))
    tokens.append(ledger.state_token())
    assert len(set(tokens)) == 4
    ledger.record_publication("p1", "demo", moment(9), dt.date(2025, 1, 1))
    assert ledger.state_token() == tokens[-1]


def test_how_far_a_source_was_pulled_is_noted_with_its_deliveries(
    ledger: Ledger,
) -> None:
    assert ledger.cursor("demo", "api") is None
    ledger.record_deliveries(origins(("one", 1)), {"api": "c1", "inbox": None}, "demo")
    token = ledger.state_token()
    assert ledger.record_deliveries(pd.DataFrame(), {"api": "c2"}, "demo") == 0
    assert ledger.record_deliveries(pd.DataFrame(), {"api": "x"}, "other") == 0
    assert ledger.state_token() == token
    assert ledger.cursor("demo", "api") == "c2"
    assert ledger.cursor("demo", "inbox") is None
    pulled = ledger.pulled("demo")
    assert list(pulled.source_code) == ["api", "inbox"]
    assert pulled.pulled_at[0] > pulled.pulled_at[1]


def test_deliveries_that_cannot_be_recorded_leave_the_cursor(ledger: Ledger) -> None:
    ledger.record_deliveries(origins(("one", 1)), {"api": "c1"}, "demo")
    bad = origins(("two", 2)).drop(columns="origin")
    with pytest.raises(LedgerError):
        ledger.record_deliveries(bad, {"api": "c2"}, "demo")
    assert ledger.cursor("demo", "api") == "c1"


def test_two_new_ledgers_never_share_a_token(ledger: Ledger, tmp_path: Path) -> None:
    other = Ledger.open(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert other.state_token() != ledger.state_token()
    other.close()


def member(name: str, period_key: str) -> pd.DataFrame:
    row = ("demo", "offence", "01", name, period_key)
    columns = ("programme_code", "code_list", "member_code", "name", "period_key")
    return pd.DataFrame([row], columns=list(columns))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_members_take_the_newest_name_whatever_the_order(
    ledger: Ledger, order: tuple[int, ...]
) -> None:
    seen = [
        member("cũ", "police-2022-Y"),
        member("mới", "police-2023-Y"),
        member("mới hơn, sai", "police-2023-Y"),
    ]
    for place in order:
        ledger.record_members(seen[place])
    assert list(ledger.members("demo").name) == ["mới"]


def test_programmes_keep_to_themselves(ledger: Ledger) -> None:
    record(ledger, [(submission("one"), 0)])
    record(ledger, [(submission("one", programme="other"), 0)], programme="other")
    assert len(ledger.submissions()) == 2
    assert len(ledger.deliveries("demo")) == len(ledger.submissions("other")) == 1


def test_publications_and_refusals_are_noted(ledger: Ledger) -> None:
    assert ledger.last_publication() is None
    ledger.record_publication("p1", "demo", moment(1), dt.date(2025, 1, 1))
    ledger.record_refusal("demo", "tổng lệch", moment(2))
    last = ledger.last_publication("demo")
    assert last is not None
    assert last["publication_id"] == "p1"
    assert last["as_of_date"] == dt.date(2025, 1, 1)
    assert last["published_at"] == moment(1)


@pytest.mark.parametrize("url", ["mysql://host/x", "no address", "nosuch://x"])
def test_an_address_of_no_known_database_says_how_to_write_one(url: str) -> None:
    with pytest.raises(LedgerError, match="Write sqlite:///"):
        Ledger.open(url)


def test_a_ledger_of_a_newer_program_is_not_touched(ledger: Ledger, path: Path) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(LedgerError, match="newer version of this program"):
        Ledger.open(f"sqlite:///{path}")


def test_the_password_is_not_in_the_message() -> None:
    with pytest.raises(LedgerError) as caught:
        Ledger.open("postgresql://me:hunter2@127.0.0.1:1/ledger")
    assert "hunter2" not in str(caught.value)
    assert "NHIEMKY_LEDGER_URL" in str(caught.value)
