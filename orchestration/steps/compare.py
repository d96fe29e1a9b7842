"""Compare: two states of the programme, each built aside, and what moved between them.

A state is what was known at an instant, judged on a day. Nothing of the home changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.dbt import build
from orchestration.progress import step
from orchestration.settings import read_day
from orchestration.steps.context import RunContext
from orchestration.steps.load import fingerprint, is_published
from warehouse.home import Home
from warehouse.moved import MODELS, Moved, what_moved
from warehouse.read import publication
from warehouse.scratch import copy_raw, scratch_home

SELECTED = tuple(f"+{model}" for model in MODELS)
"""What a comparison needs, and all that it rests on."""
STATES = {
    "before": "Dựng trạng thái trước · before",
    "now": "Dựng trạng thái sau · after",
}

Change = Callable[[Home], None]
"""Alters schema raw of a scratch build before it is built."""


class NotComparable(Exception):
    """What was asked for cannot be compared; says why and what to write."""


@dataclass(frozen=True)
class State:
    """What was known at an instant (None: by now), judged on a day."""

    as_of: dt.date
    known_on: dt.datetime | None = None


def state_at(text: str, timezone: str, as_of: dt.date | None = None) -> State:
    """The state that a person means by a day, or a day and a time, of local time.

    A day (2024-03-31 or 31/03/2024) means its end. Judged on that day, unless `as_of`
    says otherwise.

    Raises:
        NotComparable: the text is neither.
    """
    zone = ZoneInfo(timezone)
    try:
        day = read_day(text)
    except ValueError:
        local = _moment(text, zone)
        day = local.astimezone(zone).date()
    else:
        midnight = dt.datetime.combine(day + dt.timedelta(1), dt.time(), zone)
        local = midnight - dt.timedelta(microseconds=1)
    return State(as_of or day, local.astimezone(dt.UTC))


def _moment(text: str, zone: ZoneInfo) -> dt.datetime:
    try:
        written = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise NotComparable(
            f"{text!r} không phải là ngày hoặc thời điểm · is neither a day nor a "
            "moment. Write 31/03/2024 or 2024-03-31, or 2024-03-31T17:00 for a time "
            "of that day."
        ) from error
    return written if written.tzinfo else written.replace(tzinfo=zone)


def compare(
    run: RunContext,
    before: State,
    now: State,
    changes: tuple[Change | None, Change | None] = (None, None),
) -> Moved:
    """What moved from one state of the run's programme to the other.

    Args:
        run: The run; its ledger, landing and publication stay as they are.
        before: The first state.
        now: The second state.
        changes: What to alter in schema raw of each before it is built.

    Raises:
        NotComparable: the second state is known earlier than the first.
        ReadError: nothing was loaded yet.
        BuildFailed: dbt could not build one of them.
        RunLocked: another comparison is under way.
    """
    if before.known_on and now.known_on and now.known_on < before.known_on:
        raise NotComparable(
            "Thời điểm sau đứng trước thời điểm trước · the second moment lies before "
            "the first: swap --from and --to."
        )
    with scratch_home(run.home) as scratch:
        first, second = (
            _marts(run, Home(scratch.path / name), label, state, change)
            for (name, label), state, change in zip(
                STATES.items(), (before, now), changes, strict=True
            )
        )
        with step("So sánh · compare") as progress:
            moved = what_moved(first, second, run.programme.code)
            progress.summary = (
                f"{len(moved.observations)} số liệu, {len(moved.verdicts)} kết luận "
                "· values, verdicts"
            )
    return moved


def _marts(
    run: RunContext, scratch: Home, label: str, state: State, change: Change | None
) -> Path:
    """The file with the marts of a state: the publication where it shows just that."""
    if change is None and is_in_place(run, state):
        return run.home.published_db
    with step(label) as progress:
        copy_raw(run.home, scratch.build_db)
        if change is not None:
            change(scratch)
        target = scratch.path / "dbt"
        for _ in build(scratch.build_db, target, state.as_of, state.known_on, SELECTED):
            progress.advance(1)
        progress.summary = f"ngày xét · judged on {state.as_of:%d/%m/%Y}"
    return scratch.build_db


def is_in_place(run: RunContext, state: State) -> bool:
    """True when the publication shows this state: nothing came after its instant."""
    if not run.home.published_db.exists():
        return False
    if publication(run.home)["as_of_date"] != state.as_of:
        return False
    if not is_published(run, fingerprint(replace(run, as_of=state.as_of))):
        return False
    received = run.ledger.submissions(run.programme.code).received_at
    return state.known_on is None or not received.gt(state.known_on).any()
