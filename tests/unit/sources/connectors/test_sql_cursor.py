"""Watermarks: exact as text, looked back from in their own kind and spelling."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from sources.connectors.sql_cursor import Position, Watermark

HANOI = dt.timezone(dt.timedelta(hours=7))
MOMENT = dt.datetime(2025, 3, 1, 0, 2, 3, 4)


@pytest.mark.parametrize(
    ("value", "text", "before"),
    [
        (
            MOMENT.replace(tzinfo=HANOI),
            "2025-02-28T17:02:03.000004+00:00",
            dt.datetime(2025, 2, 28, 23, 57, 3, 4, HANOI),
        ),
        (
            MOMENT,
            "2025-03-01T00:02:03.000004",
            dt.datetime(2025, 2, 28, 23, 57, 3, 4),
        ),
        (dt.date(2025, 3, 1), "2025-03-01", dt.date(2025, 2, 28)),
        (2**60, str(2**60), 2**60 - 300),
        (Decimal("12.10"), "12.10", Decimal("-287.90")),
        (0.5, "0.5", -299.5),
        ("2025-03-01", "2025-03-01", "2025-02-28"),
        ("2025-03-01 00:02", "2025-03-01 00:02", "2025-02-28 23:57"),
        ("2025-03-01T00:02:03Z", "2025-03-01T00:02:03Z", "2025-02-28T23:57:03Z"),
        (
            "2025-03-01 00:02:03.12+07:00",
            "2025-03-01 00:02:03.12+07:00",
            "2025-02-28 23:57:03.12+07:00",
        ),
    ],
)
def test_five_minutes_back_in_every_kind(value: Any, text: str, before: Any) -> None:
    mark = Watermark.of(value)
    assert (mark.text, mark.before(300)) == (text, before)
    again = Watermark.read(mark.kind, mark.text)
    assert (again.value, again.text) == (value, text)


@pytest.mark.parametrize("value", ["v10", "01/03/2025", b"x", [1]])
def test_what_is_neither_a_time_nor_a_number_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        Watermark.of(value)


@pytest.mark.parametrize(
    ("value", "is_ahead"),
    [
        (dt.datetime(2025, 3, 3, tzinfo=dt.UTC), True),
        (dt.datetime(2025, 3, 1, 23, tzinfo=dt.UTC), False),
        (dt.datetime(2025, 3, 3), True),
        ("2999-01-01", True),
        ("2025-03-01 20:00", False),
        (dt.date(2025, 3, 3), True),
        (dt.date(2025, 3, 2), False),
        (10**12, False),
    ],
)
def test_a_time_is_ahead_by_more_than_a_day(value: Any, is_ahead: bool) -> None:
    clock = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
    assert Watermark.of(value).is_ahead(clock) is is_ahead
    assert Watermark.of(value).is_ahead(clock.replace(tzinfo=None)) is is_ahead


def test_a_position_comes_back_as_it_was_and_another_question_starts_anew() -> None:
    told = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    held = frozenset({"a" * 16, "b" * 16})
    there = Position("q", Watermark.of(told), told, held)
    assert Position.read("q", there.text) == there
    assert Position.read("q", None) == Position("q")
    # what was told stays, so that what comes now counts as newer
    assert Position.read("other", there.text) == Position("other", told=told)
