"""Pull: what the sources hold and the ledger has not seen goes to landing.

Each source for itself: one that is down is told and costs the others nothing. Bytes are
landed first; deliveries and the cursor behind them are recorded in one transaction, so
that a killed pull is made again and ends the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.folders import (
    Listing,
    never_read,
    open_folders,
    tell_hidden,
    told,
)
from orchestration.steps.reach import note_reach, source_states
from sources.connectors.drop_folder import Folder, RemoteFile
from sources.connectors.errors import SourceError
from sources.connectors.fetched import Fetched
from sources.connectors.registry import fetch_of, is_asked
from sources.programme.model import Source
from sources.readers.rejections import printable

_LONGEST_PLACE = 200
WRITERS = 8
"""Threads that land bytes, and that ask sources: each waits for others."""


@dataclass(frozen=True)
class SourcePull:
    """What came from one source: files or answers, and new deliveries among them."""

    files: int = 0
    landed: int = 0


@dataclass(frozen=True)
class PullSummary:
    """Counts of one pull: new files, new deliveries, same bytes seen again.

    `hidden`: files passed over because they are hidden or links. `left`: files left for
    the next time because they are still being written. `sources`: the counts of each
    source that was asked, by code. `unreachable`: why a source, or a file of it, could
    not be had, by code; also of one that was down and is not yet due again.
    """

    files: int
    landed: int
    repeated: int
    hidden: int = 0
    left: int = 0
    sources: Mapping[str, SourcePull] = field(default_factory=dict)
    unreachable: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Arrived:
    """What came from one source: a row per file or answer, and the new cursor."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    cursor: str | None = None
    error: str | None = None


def pull(
    run: RunContext,
    only: Collection[str] = (),
    is_due_only: bool = False,
    now: dt.datetime | None = None,
) -> PullSummary:
    """Lands and records what is new, of the sources named or of all of them.

    Under the run lock: what a killed pull left half-written is removed first.

    Args:
        run: The run.
        only: Codes of the sources to ask; none means all.
        is_due_only: Pass over interfaces and databases asked not long ago.
        now: The moment of asking, for tests.
    """
    run.landing.sweep()
    now = now or dt.datetime.now(dt.UTC)
    chosen = [s for s in run.programme.sources if not only or s.code in only]
    passed = _not_due(run, chosen, now) if is_due_only else {}
    asked = [s for s in chosen if is_asked(s) and s.code not in passed]
    folders = [s for s in chosen if not is_asked(s)]
    with open_folders(run, folders) as listing, ThreadPoolExecutor(WRITERS) as ask:
        arrived = {
            source.code: _Arrived(error=listing.unreachable.get(source.code))
            for source in (*folders, *asked)
        }
        with step("Nhận tệp · pull", len(listing.files) + len(asked)) as progress:
            answers = {
                ask.submit(partial(_ask, run, now), *_at(run, s)): s for s in asked
            }
            _land_files(run, listing, arrived, progress.advance)
            counts = {s.code: _record(run, s.code, arrived[s.code]) for s in folders}
            for answer in as_completed(answers):
                code = answers[answer].code
                arrived[code] = answer.result()
                counts[code] = _record(run, code, arrived[code])
                progress.advance(1)
            unreachable = {
                code: one.error for code, one in arrived.items() if one.error
            }
            note_reach(run, list(arrived), unreachable, now)
            unreachable |= {code: reason for code, reason in passed.items() if reason}
            hidden = never_read(run, folders)
            summary = _summary(counts, len(hidden), len(listing.left), unreachable)
            progress.summary = _told(summary, hidden)
    return summary


def stop_where_nothing_is(run: RunContext, summary: PullSummary) -> None:
    """Ends a run that has nothing at all to work on.

    Raises:
        SourceError: no source could be reached, and none ever gave anything.
    """
    down = summary.unreachable
    is_cut_off = down and len(down) == len(run.programme.sources)
    if is_cut_off and run.ledger.deliveries(run.programme.code).empty:
        raise SourceError("\n".join(down.values()))


def tell_unreachable(codes: Collection[str]) -> str:
    """One line about sources that are down: how many, which."""
    return (
        f"{len(codes)} nguồn không đọc được · not reached: {', '.join(sorted(codes))}"
    )


def _not_due(
    run: RunContext, chosen: list[Source], now: dt.datetime
) -> dict[str, str | None]:
    """Interfaces and databases that are not due, and why one was out of reach."""
    codes = {source.code for source in chosen if is_asked(source)}
    return {
        state.code: state.down.reason if state.down else None
        for state in source_states(run, now)
        if state.code in codes and not state.is_due
    }


def _summary(
    counts: Mapping[str, SourcePull],
    hidden: int,
    left: int,
    unreachable: Mapping[str, str],
) -> PullSummary:
    files = sum(count.files for count in counts.values())
    landed = sum(count.landed for count in counts.values())
    return PullSummary(files, landed, files - landed, hidden, left, counts, unreachable)


def _told(summary: PullSummary, hidden: list[str]) -> str:
    told = f"{summary.landed} tệp mới, {summary.repeated} trùng · new, repeated"
    if hidden:
        told += "; " + tell_hidden(hidden)
    if summary.left:
        told += f"; {summary.left} tệp đang ghi dở · still being written"
    if summary.unreachable:
        told += "; " + tell_unreachable(summary.unreachable)
    return told


def _land_files(
    run: RunContext,
    listing: Listing,
    arrived: Mapping[str, _Arrived],
    advance: Callable[[int], None],
) -> None:
    """Lands every file that can be read; of the others the first is said."""
    with ThreadPoolExecutor(WRITERS) as writers:
        landed = writers.map(
            lambda entry: _land(run, listing.folders[entry[0].code], *entry),
            listing.files,
        )
        for (source, _), row in zip(listing.files, landed, strict=True):
            one = arrived[source.code]
            if isinstance(row, str):
                one.error = one.error or row
            elif row is not None:
                one.rows.append(row)
            advance(1)


def _land(
    run: RunContext, folder: Folder, source: Source, file: RemoteFile
) -> dict[str, Any] | str | None:
    """The delivery; the reason where it cannot be had; None where it is left."""
    try:
        content = folder.read_bytes(file)
        if content is None:
            return None
        one = Fetched(file.name, file.uri, content, file.modified_at)
        return _kept(run, source, one, file.size)
    except Exception as error:
        return told(run, source, error, printable(file.uri, _LONGEST_PLACE))


def _at(run: RunContext, source: Source) -> tuple[Source, str | None]:
    return source, run.ledger.cursor(run.programme.code, source.code)


def _ask(
    run: RunContext, now: dt.datetime, source: Source, cursor: str | None
) -> _Arrived:
    """Asks one source; what was kept before it failed is not recorded."""
    rows: list[dict[str, Any]] = []

    def keep(one: Fetched) -> None:
        rows.append(_kept(run, source, one, len(one.content)))

    try:
        ahead = fetch_of(source)(source, cursor, keep, run.environment, now)
    except Exception as error:
        return _Arrived(error=told(run, source, error))
    return _Arrived(rows, ahead)


def _kept(run: RunContext, source: Source, one: Fetched, size: int) -> dict[str, Any]:
    sha256, _ = run.landing.put(one.content)
    return {
        "programme_code": run.programme.code,
        "source_code": source.code,
        "origin": one.origin,
        "file_name": one.name,
        "size_bytes": size,
        "modified_at": one.modified_at,
        "delivery_sha256": sha256,
    }


def _record(run: RunContext, code: str, one: _Arrived) -> SourcePull:
    """Deliveries of one source, and how far it was pulled, in one transaction."""
    cursors = {} if one.error else {code: one.cursor}
    if not one.rows and not cursors:
        return SourcePull()
    frame = pd.DataFrame(one.rows)
    landed = run.ledger.record_deliveries(frame, cursors, run.programme.code)
    return SourcePull(len(one.rows), landed)
