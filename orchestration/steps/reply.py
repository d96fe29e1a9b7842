"""Reply: deliveries with open faults go back to their senders as marked workbooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from expectations.rulebook import rule_book
from orchestration.progress import step
from orchestration.steps.context import RunContext, today
from orchestration.unplaced import OURS
from sources.connectors.drop_folder import (
    Place,
    open_replies,
    origin_folder,
    resolve_path,
    resolve_replies,
)
from sources.connectors.errors import SourceError
from sources.programme.model import Programme, Source
from sources.programme.periods import periods_of, until_year
from sources.replies.model import ReplyFacts, SubmissionFacts
from sources.replies.places import reply_place, write_reply
from sources.replies.remarks import remarks_of
from sources.replies.worker import Outcome
from sources.replies.workers import ReplyJob, ReplyWorkers
from warehouse.ledger.replies import Replies

if TYPE_CHECKING:
    from sources.connectors.remote_folder import RemoteFolder

BATCH = 100
"""Replies noted in the ledger together: what a killed run writes again."""

REFUSED = "refused"


@dataclass(frozen=True)
class ReplySummary:
    """One answering: replies written, and where.

    `marked` of them are the sender's workbook; `unmarked` are reports because a
    readable workbook could not be marked.
    """

    written: int
    folder: str
    marked: int = 0
    unmarked: int = 0


class _Reply(NamedTuple):
    """One reply to write: what the ledger notes of it, its job and its place."""

    delivery_sha256: str
    source_code: str
    state_digest: str
    finding_count: int
    folder: Place
    place: str
    job: ReplyJob


def write_replies(run: RunContext) -> ReplySummary:
    """Writes the replies that are missing or show other findings than are open now.

    Where nothing is left to correct, a note takes the place of the marked workbook: the
    report was taken, or why it was not, or which programme it was passed on to.

    Raises:
        SourceError: a folder for replies cannot be found or written; all other replies
            are in place.
        ReplyError: a reply could not be made.
    """
    replies = Replies(run.ledger)
    code = run.programme.code
    findings = run.ledger.findings(code)
    due = _still_there(run, replies.due(code, findings))
    failures: list[str] = []
    with step("Trả lại biểu · replies", len(due)) as progress:
        planned = _plan(run, due, findings, replies.written(code))
        outcomes: Counter[Outcome] = Counter()
        with (
            ReplyWorkers() as workers,
            ExitStack() as opened,
            ThreadPoolExecutor(run.settings.workers) as threads,
        ):
            remote = {
                source.code: opened.enter_context(
                    open_replies(source, run.programme.folder, run.environment)
                )
                for source in run.programme.sources
            }
            answer_one = partial(_answer, workers, remote)
            for batch in _batches(planned):
                written = []
                for reply, answer in zip(
                    batch, threads.map(answer_one, batch), strict=True
                ):
                    progress.advance(1)
                    if isinstance(answer, str):
                        failures.append(answer)
                        continue
                    outcomes[answer] += 1
                    written.append(reply)
                if written:
                    replies.record(code, _noted(written))
        summary = ReplySummary(
            outcomes.total(),
            ", ".join(sorted({str(reply.folder) for reply in planned})),
            outcomes[Outcome.MARKED],
            outcomes[Outcome.UNMARKED],
        )
        progress.summary = (
            f"{summary.written} tệp trả lại, {summary.marked} tệp có đánh dấu ở ô"
            " · replies, marked workbooks"
        )
    if failures:
        raise SourceError(
            f"{len(failures)} replies could not be written, first {failures[0]}. Check"
            " that the folder exists and that this account may write it; the next run"
            " writes what is missing."
        )
    return summary


def reply_folders(run: RunContext) -> dict[str, Place]:
    """Per source the folder where its replies lie; never to be read as deliveries.

    Raises:
        SourceError: a folder named in sources.yaml cannot be found.
    """
    return {source.code: reply_folder(run, source) for source in run.programme.sources}


def reply_folder(run: RunContext, source: Source) -> Place:
    """The folder where the replies of one source lie.

    Raises:
        SourceError: the folder named in sources.yaml cannot be found.
    """
    named = resolve_replies(source, run.programme.folder, run.environment)
    return named or _default_folder(run, source.code)


def _default_folder(run: RunContext, source_code: str) -> Path:
    return run.home.path / "replies" / source_code


def _still_there(run: RunContext, due: pd.DataFrame) -> pd.DataFrame:
    """Without deliveries whose file was replaced at its origin by a newer one.

    A reply that is settled stays due, unless the newer one is answered in its place.
    """
    if due.empty:
        return due
    seen = run.ledger.known_origins(run.programme.code)
    newest = seen.drop_duplicates("origin", keep="last")
    is_there = due.delivery_sha256.isin(newest.delivery_sha256)
    kept = due[is_there | due.is_settled]
    answered = seen.origin[
        seen.delivery_sha256.isin(due[~due.is_settled].delivery_sha256)
    ]
    replaced = seen.delivery_sha256[seen.origin.isin(answered)]
    return kept[~(kept.is_settled & kept.delivery_sha256.isin(replaced))]


def _plan(
    run: RunContext, due: pd.DataFrame, findings: pd.DataFrame, noted: pd.DataFrame
) -> list[_Reply]:
    """One reply per due delivery, oldest first, each with a place of its own."""
    if due.empty:
        return []
    deliveries = run.ledger.deliveries(run.programme.code)
    chosen = deliveries.merge(due, on="delivery_sha256", how="inner")
    origins = deliveries.set_index("delivery_sha256").origin
    paths = noted.path.str.casefold()
    owners = dict(zip(paths, noted.delivery_sha256.map(origins), strict=True))
    file_names = dict(zip(chosen.delivery_sha256, chosen.file_name, strict=True))
    is_told = findings.status.eq("open") & findings.delivery_sha256.isin(file_names)
    measures = run.measures
    names = dict(zip(measures.indicator_code, measures.name_vi, strict=True))
    remarks = remarks_of(findings[is_told], file_names, names, _ours(run.programme))
    kept_out = findings[findings.is_quarantining & findings.status.eq("open")]
    facts = _facts(run, chosen, set(kept_out.submission_id))
    folders = reply_folders(run)
    inboxes = {
        source.code: resolve_path(source, run.programme.folder, run.environment)
        for source in run.programme.sources
    }
    planned = []
    for row in chosen.to_dict("records"):
        sha256, source, origin = (
            row["delivery_sha256"],
            row["source_code"],
            row["origin"],
        )
        folder = folders.get(source) or _default_folder(run, source)
        below = origin_folder(inboxes.get(source, folder), origin)
        place = reply_place(below, row["file_name"])
        if owners.setdefault(str(folder / place).casefold(), origin) != origin:
            place = reply_place(below, row["file_name"], mark=sha256[:8])
        is_kept = (
            not row["is_settled"]
            and row["status"] != REFUSED
            and not run.landing.is_quarantined(sha256)
        )
        job = ReplyJob(
            path=run.landing.path(sha256) if is_kept else None,
            facts=facts[sha256],
            remarks=remarks[sha256],
        )
        count = row["finding_count"]
        digest = row["state_digest"]
        reply = _Reply(sha256, source, digest, count, folder, place, job)
        planned.append(reply)
    return planned


def _ours(programme: Programme) -> set[str]:
    """Rules whose findings only the maintainer can settle.

    What is held is left out: there the sender may say that it was a slip.
    """
    rules = rule_book(programme).rules
    held = {rule.rule_code for rule in rules if rule.effect == "hold"}
    return {*OURS, *(r.rule_code for r in rules if r.owner == "maintainer")} - held


def _facts(
    run: RunContext, deliveries: pd.DataFrame, incomplete: Container[str]
) -> dict[str, ReplyFacts]:
    """Per delivery what the head of its reply says.

    `incomplete` names the submissions of which some values are kept out.
    """
    submissions = run.ledger.submissions(run.programme.code)
    own = submissions[submissions.delivery_sha256.isin(deliveries.delivery_sha256)]
    forms = {form.code: form.name_vi for form in run.programme.forms}
    units = {unit.unit_code: unit.name_vi for unit in run.programme.units}
    periods = periods_of(run.programme, until_year(run.programme, today(run.programme)))
    labels = dict(zip(periods.period_key, periods.label_vi, strict=True))
    found: dict[str, list[SubmissionFacts]] = {}
    for row in own.to_dict("records"):
        is_part = row["status"] == "accepted" and row["submission_id"] in incomplete
        about = SubmissionFacts(
            status="partly" if is_part else row["status"],
            form=_named(row["form_code"], forms),
            unit=_named(row["unit_code"], units),
            period=_named(row["period_key"], labels),
        )
        found.setdefault(row["delivery_sha256"], []).append(about)
    zone = ZoneInfo(run.programme.timezone)
    return {
        row["delivery_sha256"]: ReplyFacts(
            programme=run.programme.name_vi,
            file_name=row["file_name"],
            received=row["received_at"].astimezone(zone).strftime("%d/%m/%Y %H:%M"),
            status=row["status"],
            submissions=tuple(found.get(row["delivery_sha256"], ())),
            is_simulated=row["is_simulated"],
            ending=row["ending"],
            ending_word=row["ending_word"],
        )
        for row in deliveries.to_dict("records")
    }


def _named(code: str | None, names: dict[str, str]) -> str:
    if code is None:
        return "(không rõ · unknown)"
    return f"{names[code]} ({code})" if code in names else code


def _batches(planned: list[_Reply]) -> Iterator[list[_Reply]]:
    return (planned[at : at + BATCH] for at in range(0, len(planned), BATCH))


def _answer(
    workers: ReplyWorkers, remote: Mapping[str, RemoteFolder | None], reply: _Reply
) -> Outcome | str:
    """Makes and writes one reply: what it is, or why it is not written."""
    answer = workers.answer(reply.job)
    try:
        if isinstance(reply.folder, Path):
            write_reply(reply.folder, reply.place, answer.data)
        else:
            elsewhere = remote[reply.source_code]
            assert elsewhere is not None, "the folder is an address"
            elsewhere.write(reply.place, answer.data)
    except (OSError, SourceError) as error:
        return f"{reply.folder / reply.place}: {error}"
    return answer.outcome


def _noted(written: list[_Reply]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "delivery_sha256": reply.delivery_sha256,
            "path": str(reply.folder / reply.place),
            "state_digest": reply.state_digest,
            "finding_count": reply.finding_count,
        }
        for reply in written
    )
