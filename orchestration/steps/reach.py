"""Reach: which sources could not be reached, since when, and which are due.

Shape: a source that is down is an open alert of its own in the outbox, so that
maintainers hear of it once, every command can say it, and nothing else is kept of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from orchestration.alerts.failure import SOURCE_DOWN, source_key, source_notice
from orchestration.steps.alert import tell
from orchestration.steps.context import RunContext
from sources.connectors.registry import is_asked
from sources.programme.model import Source
from warehouse.ledger.outbox import Outbox


@dataclass(frozen=True)
class Down:
    """A source that did not answer: since when, when it was asked last, and why."""

    since: dt.datetime
    asked_at: dt.datetime
    reason: str


@dataclass(frozen=True)
class SourceState:
    """One source: when it was pulled last, when it is asked next, and what is wrong.

    `due_at` is None for a drop folder, which is looked into all the time, and for what
    was never pulled. One that is down is not asked more often than one that answers.
    """

    code: str
    connector: str
    name_vi: str
    pulled_at: dt.datetime | None
    due_at: dt.datetime | None
    is_due: bool
    down: Down | None


def note_reach(
    run: RunContext,
    asked: Collection[str],
    unreachable: Mapping[str, str],
    now: dt.datetime | None = None,
) -> None:
    """Tells maintainers which of the sources `asked` are down (code to reason).

    What was said of the others that were asked is resolved, and of sources that the
    programme no longer has.
    """
    standing = _alerts(run)
    untouched = {source.code for source in run.programme.sources} - set(asked)
    kept = {source_key(code) for code in (*unreachable, *untouched)}
    if unreachable:
        notices = [source_notice(text, code) for code, text in unreachable.items()]
        tell(run, notices, now=now)
    if gone := set(standing) - kept:
        Outbox(run.ledger).resolve(run.programme.code, gone)


def source_states(run: RunContext, now: dt.datetime | None = None) -> list[SourceState]:
    """One state per source of the programme, in its order."""
    now = now or dt.datetime.now(dt.UTC)
    noted = run.ledger.pulled(run.programme.code)
    pulled = dict(zip(noted.source_code, noted.pulled_at, strict=True))
    down = _alerts(run)
    return [
        _state(source, pulled.get(source.code), down.get(source_key(source.code)), now)
        for source in run.programme.sources
    ]


def _state(
    source: Source, pulled_at: dt.datetime | None, down: Down | None, now: dt.datetime
) -> SourceState:
    moments = [pulled_at, down.asked_at if down else None]
    last = max((moment for moment in moments if moment), default=None)
    due_at = None
    if is_asked(source) and last is not None:
        due_at = last + dt.timedelta(minutes=source.every_minutes)
    # a clock that was put back must not silence a source
    is_waiting = last is not None and due_at is not None and last <= now < due_at
    return SourceState(
        code=source.code,
        connector=source.connector,
        name_vi=source.name_vi,
        pulled_at=pulled_at,
        due_at=due_at,
        is_due=is_asked(source) and not is_waiting,
        down=down,
    )


def _alerts(run: RunContext) -> dict[str, Down]:
    """What stands in the outbox about sources, by alert key."""
    standing = Outbox(run.ledger).alerts(run.programme.code)
    rows = standing[standing.kind.eq(SOURCE_DOWN)].to_dict("records")
    return {
        row["alert_key"]: Down(
            row["first_seen_at"], row["last_seen_at"], row["message_en"]
        )
        for row in rows
    }
