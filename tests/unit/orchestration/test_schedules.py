"""Deadlines of the police calendar become mornings on the clock."""

from __future__ import annotations

import pytest

from orchestration.schedules import deadline_crons, deadline_schedules
from orchestration.settings import SHIPPED_PROGRAMME
from sources.programme.loader import load_programme
from sources.programme.model import PeriodType, Programme


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(SHIPPED_PROGRAMME)


def test_months_end_on_the_14th_so_a_day_later_is_due_and_the_16th_is_the_morning(
    programme: Programme,
) -> None:
    form = next(f for f in programme.forms if f.frequency == PeriodType.QUARTER)
    only_next_day = form.model_copy(update={"deadline_days": {"commune": 1}})
    assert deadline_crons(programme, only_next_day) == ["0 6 16 3,6,9,12 *"]


def test_a_cascade_of_levels_gives_one_line_per_day(programme: Programme) -> None:
    form = next(f for f in programme.forms if f.frequency == PeriodType.MONTH)
    cascade = form.model_copy(update={"deadline_days": {"commune": 1, "district": 3}})
    lines = deadline_crons(programme, cascade)
    months = ",".join(map(str, range(1, 13)))
    assert lines == [f"0 6 16 {months} *", f"0 6 18 {months} *"]


def test_one_schedule_per_form_in_the_programme_s_timezone(
    programme: Programme,
) -> None:
    schedules = deadline_schedules(programme)
    assert len(schedules) == len(programme.forms)
    assert {s.execution_timezone for s in schedules} == {"Asia/Ho_Chi_Minh"}
