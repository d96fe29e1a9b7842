"""Days and moments as a person writes them, and the states that they mean."""

from __future__ import annotations

import datetime as dt

import pytest

from orchestration.steps.compare import NotComparable, State, state_at

HANOI = "Asia/Ho_Chi_Minh"


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "day", "known_on"),
    [
        ("2024-03-31", 31, utc(2024, 3, 31, 16, 59, 59, 999999)),
        ("31/03/2024", 31, utc(2024, 3, 31, 16, 59, 59, 999999)),
        ("2024-03-31 17:00", 31, utc(2024, 3, 31, 10)),
        ("2024-03-31T23:59:59", 31, utc(2024, 3, 31, 16, 59, 59)),
        # half past one in the morning of the 31st in Hà Nội
        ("2024-03-30T18:30:00+00:00", 31, utc(2024, 3, 30, 18, 30)),
    ],
)
def test_a_day_means_its_end_in_local_time(
    text: str, day: int, known_on: dt.datetime
) -> None:
    assert state_at(text, HANOI) == State(dt.date(2024, 3, day), known_on)


def test_a_day_to_judge_on_may_be_given() -> None:
    state = state_at("2024-03-31", HANOI, dt.date(2025, 1, 1))
    assert state.as_of == dt.date(2025, 1, 1)
    assert state.known_on == utc(2024, 3, 31, 16, 59, 59, 999999)


@pytest.mark.parametrize("text", ["", "31/13/2024", "hôm qua", "2024-13-01"])
def test_what_is_no_day_says_how_to_write_one(text: str) -> None:
    with pytest.raises(NotComparable, match="Write 31/03/2024"):
        state_at(text, HANOI)
