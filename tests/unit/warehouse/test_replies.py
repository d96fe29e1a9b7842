"""Which deliveries are due for a reply, and what is noted of those written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.warehouse_frames import moment, sha
from warehouse.ledger import Ledger
from warehouse.ledger.replies import DUE_COLUMNS, Replies

NOW = moment(100)


@pytest.fixture
def replies(tmp_path: Path) -> Iterator[Replies]:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock=lambda: NOW)
    yield Replies(ledger)
    ledger.close()


def findings(*rows: tuple[str | None, str, str]) -> pd.DataFrame:
    """One row per (delivery, severity, status)."""
    return pd.DataFrame(
        {
            "finding_id": sha(f"{number}")[:32],
            "delivery_sha256": None if delivery is None else sha(delivery),
            "severity": severity,
            "status": status,
            "is_closed": False,
            "message_vi": "sai",
            "message_en": "wrong",
        }
        for number, (delivery, severity, status) in enumerate(rows)
    )


def write(replies: Replies, due: pd.DataFrame) -> None:
    replies.record("demo", due.assign(path="/out/" + due.delivery_sha256))


def names(due: pd.DataFrame) -> list[tuple[str, int]]:
    known = {sha(name): name for name in "abcdef"}
    pairs = zip(due.delivery_sha256, due.finding_count, strict=True)
    return sorted((known[sha256], count) for sha256, count in pairs)


def test_open_and_heavy_is_due_with_all_that_was_found(replies: Replies) -> None:
    found = findings(
        ("a", "WARNING", "open"),
        ("a", "INFO", "open"),
        ("b", "INFO", "open"),
        ("c", "BLOCKER", "resolved"),
        ("d", "ERROR", "waived"),
        ("e", "ERROR", "open"),
        (None, "BLOCKER", "open"),
    )
    assert names(replies.due("demo", found)) == [("a", 2), ("e", 1)]


def test_nothing_found_nothing_due(replies: Replies) -> None:
    due = replies.due("demo", findings(("a", "INFO", "open")))
    assert list(due.columns) == list(DUE_COLUMNS)
    assert due.empty


def test_a_written_reply_is_due_again_only_when_its_findings_change(
    replies: Replies,
) -> None:
    found = findings(("a", "ERROR", "open"), ("b", "ERROR", "open"))
    write(replies, replies.due("demo", found))
    assert replies.due("demo", found.iloc[::-1]).empty
    assert names(replies.due("other", found)) == [("a", 1), ("b", 1)]
    for column, value in (
        ("severity", "WARNING"),
        ("message_vi", "khác"),
        ("finding_id", "0" * 32),
    ):
        changed = found.copy()
        changed.loc[0, column] = value
        assert names(replies.due("demo", changed)) == [("a", 1)], column


def test_a_waived_finding_changes_a_reply_that_others_keep_open(
    replies: Replies,
) -> None:
    found = findings(("a", "ERROR", "open"), ("a", "WARNING", "open"))
    write(replies, replies.due("demo", found))
    waived = found.assign(status=["open", "waived"])
    assert names(replies.due("demo", waived)) == [("a", 2)]
    write(replies, replies.due("demo", waived))


def test_a_reply_with_nothing_left_to_correct_is_replaced_once(
    replies: Replies,
) -> None:
    found = findings(("a", "ERROR", "open"), ("b", "ERROR", "open"))
    write(replies, replies.due("demo", found))
    done = found.assign(status=["resolved", "open"])
    due = replies.due("demo", done)
    assert (names(due), list(due.is_settled)) == ([("a", 0)], [True])
    write(replies, due)
    assert replies.due("demo", done).empty
    again = replies.due("demo", found)
    assert (names(again), list(again.is_settled)) == ([("a", 1)], [False])


def test_only_the_reply_that_lies_in_its_place_is_replaced(tmp_path: Path) -> None:
    hours = itertools.count()
    ledger = Ledger.open(
        f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock=lambda: moment(next(hours))
    )
    replies = Replies(ledger)
    for name in "ab":  # the same file, corrected and found wrong again
        due = replies.due("demo", findings((name, "ERROR", "open")))
        replies.record("demo", due[~due.is_settled].assign(path="/out/one.xlsx"))
    done = findings(("a", "ERROR", "resolved"), ("b", "ERROR", "open"))
    assert names(replies.due("demo", done)) == [("b", 1)]
    done = done.assign(status="resolved")
    assert names(replies.due("demo", done)) == [("b", 0)]
    ledger.close()


def test_a_reply_is_noted_once_per_delivery_and_changes_no_state(
    tmp_path: Path,
) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", clock=lambda: NOW)
    replies = Replies(ledger)
    before = ledger.state_token()
    found = findings(("a", "ERROR", "open"))
    write(replies, replies.due("demo", found))
    write(replies, replies.due("demo", found.assign(message_vi="khác")))
    noted = replies.written("demo")
    assert noted[["delivery_sha256", "path", "finding_count"]].values.tolist() == [
        [sha("a"), f"/out/{sha('a')}", 1]
    ]
    assert noted.written_at.tolist() == [pd.Timestamp(NOW)]
    assert ledger.state_token() == before
    ledger.close()
