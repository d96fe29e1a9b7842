"""Preview: what a file would do if it were sent; nothing is recorded or published."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from orchestration.progress import step
from orchestration.steps.compare import NotComparable, State, compare, is_in_place
from orchestration.steps.context import RunContext, today
from orchestration.steps.judge import PERSONAL_DATA, judgement_of
from orchestration.steps.read import read_again
from sources.connectors.drop_folder import RemoteFile, fits, local_file
from sources.connectors.registry import is_asked
from sources.programme.expansion import expand_measures
from sources.programme.model import Source
from sources.programme.periods import until_year
from sources.programme.reference import reference_frames
from sources.readers import ReadJob, ReadResult, read_deliveries
from warehouse.foresee import foresee
from warehouse.home import Home
from warehouse.ledger.recorded import Recorded
from warehouse.load import sync_submissions
from warehouse.moved import Moved
from warehouse.read import publication

if TYPE_CHECKING:
    from expectations.gate1 import Judgement

REPEATED, REFUSED, UNREADABLE = "repeated", "refused", "unreadable"
TAKEN = ("accepted", "superseded")


@dataclass(frozen=True)
class Preview:
    """What a file would do.

    status: that of its submissions where they have one in common (accepted, rejected,
    held, superseded: an older version than the one in force), else `mixed`; repeated
    (these bytes are known), refused (personal data), unreadable (nothing in it).
    submissions: one row per submission, with status and version. findings: one row
    each, the heaviest first. moved: None where nothing of it would be taken.
    """

    status: str
    received_at: dt.datetime
    as_of: dt.date
    submissions: pd.DataFrame
    findings: pd.DataFrame
    moved: Moved | None


def preview(run: RunContext, path: Path, source_code: str | None = None) -> Preview:
    """Reads and judges a file as a run would, and compares with the present.

    It counts from when the file was last changed, as if it had been dropped now. Judged
    on the day of the settings, else on that of the publication in place.

    Raises:
        NotComparable: no source takes such a file, or several do.
        SourceError: the file cannot be read.
        CheckCrashed: a check could not be evaluated.
        WarehouseError, BuildFailed: the present state cannot be built.
    """
    run = replace(run, as_of=_day(run))
    file = local_file(path)
    delivery = _delivery(run, path, file, _source(run, file.name, source_code))
    known = run.ledger.deliveries(run.programme.code)
    known = known[known.delivery_sha256.eq(delivery["delivery_sha256"])]
    if known.status.ne("received").any():
        return _untaken(run, REPEATED, delivery)
    with step("Đọc và kiểm tra · read, gate 1") as progress:
        batch = _read(run, path, delivery)
        measures = expand_measures(run.programme, batch.members)
        judgement = judgement_of(run, batch, measures)
        progress.summary = f"{len(judgement.findings)} phát hiện · findings"
    if judgement.findings.rule_code.eq(PERSONAL_DATA).any():
        return _untaken(run, REFUSED, delivery, judgement)
    if judgement.submissions.empty:
        return _untaken(run, UNREADABLE, delivery, judgement)
    return _foreseen(run, delivery, batch, judgement)


def _foreseen(
    run: RunContext, delivery: dict[str, Any], batch: ReadResult, judgement: Judgement
) -> Preview:
    """The preview of a file with submissions in it."""
    recorded = run.ledger.recorded(run.programme.code)
    supposed = foresee(
        recorded,
        delivery,
        judgement.submissions,
        batch.observations,
        judgement.quarantined,
    )
    ours = judgement.submissions.submission_id
    submissions = supposed.submissions[supposed.submissions.submission_id.isin(ours)]
    statuses = submissions.status.unique()
    moved = None
    if submissions.status.isin(TAKEN).any():
        reference = _reference(run, batch.members)

        def take(scratch: Home, records: Recorded = supposed) -> None:
            def missing(wanted: pd.DataFrame) -> pd.DataFrame:
                new = batch.observations
                new = new[new.submission_id.isin(wanted.submission_id)]
                old = wanted[~wanted.submission_id.isin(ours)]
                return pd.concat([new, read_again(run, old)]) if len(old) else new

            sync_submissions(scratch, run.programme.code, reference, records, missing)

        def catch_up(scratch: Home) -> None:
            take(scratch, recorded)

        present = State(run.as_of)
        first = None if is_in_place(run, present) else catch_up
        moved = compare(run, present, present, (first, take))
    return Preview(
        status=statuses[0] if len(statuses) == 1 else "mixed",
        received_at=delivery["received_at"],
        as_of=run.as_of,
        submissions=submissions.reset_index(drop=True),
        findings=judgement.findings,
        moved=moved,
    )


def _untaken(
    run: RunContext,
    status: str,
    delivery: dict[str, Any],
    judgement: Judgement | None = None,
) -> Preview:
    """The preview of a file of which no submission would enter."""
    nothing = pd.DataFrame()
    return Preview(
        status=status,
        received_at=delivery["received_at"],
        as_of=run.as_of,
        submissions=nothing,
        findings=nothing if judgement is None else judgement.findings,
        moved=None,
    )


def _day(run: RunContext) -> dt.date:
    if run.settings.as_of is None and run.home.published_db.exists():
        day: dt.date = publication(run.home)["as_of_date"]
        return day
    return run.as_of


def _source(run: RunContext, name: str, code: str | None) -> Source:
    """The source that the file would come from."""
    sources = {source.code: source for source in run.programme.sources}
    if code is not None and code not in sources:
        raise NotComparable(
            f"Không có nguồn {code!r} · no such source. Use one of: "
            f"{', '.join(sources)}"
        )
    if code is not None:
        return sources[code]
    folders = [one for one in run.programme.sources if not is_asked(one)]
    found = [source for source in folders if fits(source, name)]
    if len(found) != 1:
        raise NotComparable(
            f"{len(found)} nguồn nhận tệp tên {name} · sources take a file of that "
            f"name. Say which with --source: {', '.join(sources)}"
        )
    return found[0]


def _delivery(
    run: RunContext, path: Path, file: RemoteFile, source: Source
) -> dict[str, Any]:
    """The row of raw.delivery that the file would have."""
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "delivery_sha256": sha256,
        "programme_code": run.programme.code,
        "source_code": source.code,
        "origin": file.uri,
        "file_name": file.name,
        "size_bytes": file.size,
        "status": "read",
        "received_at": pd.Timestamp(file.modified_at).floor("us"),
        "recorded_at": pd.Timestamp.now("UTC").floor("us"),
        "is_simulated": False,
    }


def _read(run: RunContext, path: Path, delivery: dict[str, Any]) -> ReadResult:
    names = ("delivery_sha256", "file_name", "source_code", "received_at")
    job = ReadJob(path=path, **{name: delivery[name] for name in names})
    return read_deliveries(
        run.programme, [job], run.members, workers=1, limits=run.settings.limits
    )


def _reference(run: RunContext, members: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Reference frames with members of open code lists that the file brings."""
    last_day = max(run.as_of, today(run.programme))
    until = until_year(run.programme, last_day)
    return reference_frames(run.programme, members, until)
