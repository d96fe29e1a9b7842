"""Release: gate 2 over the finished build, then publication; or a refusal on record.

A refused build may still be published by a person's decision. It holds for exactly the
state that was refused (`fingerprint`): whatever comes later is judged anew.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orchestration.progress import step
from orchestration.steps.context import RunContext
from orchestration.steps.load import fingerprint, remember_published
from orchestration.steps.notes import Note
from warehouse.ledger.decisions import Decisions
from warehouse.publish import PublishReport, publish
from warehouse.read import gate2_facts, publication

if TYPE_CHECKING:
    from expectations.gate2 import Gate2Result

ACCEPT_PUBLICATION = "accept_publication"
REFUSED = Note("refused_state")
"""State, day and reasons of the build refused last."""


class GateRefused(Exception):
    """Gate 2 refused the build; the previous publication stays."""


class AcceptanceRefused(Exception):
    """A decision that cannot be taken like this; nothing was published."""


@dataclass(frozen=True)
class Acceptance:
    """Who lets a refused build go out, and why."""

    by: str
    reason: str


def judge_build(run: RunContext, acceptance: Acceptance | None = None) -> Gate2Result:
    """Gate 2's word on the build file; what it refuses goes on record.

    With an acceptance the refusal is recorded as accepted and the result comes back
    with `is_passed` False and its reasons.

    Raises:
        GateRefused: with the reasons in both languages.
        CheckCrashed: a check could not be evaluated.
    """
    from expectations.gate2 import judge

    with step("Kiểm tra trước công bố · gate 2") as progress:
        facts = gate2_facts(run.home)
        if _looks_back(run):
            # an earlier day has fewer periods to show, and other verdicts: no loss
            facts["row_counts"] = facts["row_counts"].assign(rows_published=None)
            facts["verdicts"] = facts["verdicts"].head(0)
        verdict = judge(facts, programme=run.programme)
        if verdict.is_passed:
            REFUSED.drop(run)
        else:
            _record(run, [*verdict.reasons_vi, *verdict.reasons_en], acceptance)
        progress.summary = (
            f"{len(verdict.results)} phép kiểm, {len(verdict.verdict_changes)} kết luận"
            " đổi · checks, verdicts turned"
        )
    return verdict


def publish_build(run: RunContext) -> PublishReport:
    """Swaps the build into place for readers and notes it in the ledger."""
    with step("Công bố · publish") as progress:
        published_at = dt.datetime.now(dt.UTC)
        report = publish(
            run.home,
            publication_id=uuid.uuid4().hex,
            published_at=published_at,
            as_of_date=run.as_of,
        )
        run.ledger.record_publication(
            publication_id=report.publication_id,
            programme_code=run.programme.code,
            published_at=published_at,
            as_of_date=run.as_of,
        )
        progress.summary = f"{len(report.tables)} bảng · tables"
    return report


def publish_refused(run: RunContext, acceptance: Acceptance) -> PublishReport:
    """Publishes the build that gate 2 refused, by a decision that goes on record.

    The build is judged on the day on which it was refused. Call it under the home's
    run lock.

    Raises:
        AcceptanceRefused: no reason or nobody is given, no build was refused, or
            something changed since.
    """
    if not acceptance.by.strip() or not acceptance.reason.strip():
        raise AcceptanceRefused(
            "Phải nêu lý do và người quyết định · a decision needs a reason and a "
            'name: auditors read both. Give --accept "reason" and --by "name".'
        )
    noted = REFUSED.read(run)
    if noted is None:
        raise AcceptanceRefused(
            "Không có bản dựng nào bị từ chối · no build of programme "
            f"{run.programme.code} waits for a decision: gate 2 refused none. Run "
            "`nhiemky run`; it publishes what passes."
        )
    run = replace(run, as_of=dt.date.fromisoformat(noted["as_of"]))
    refused = noted["state"]
    if fingerprint(run) != refused:
        raise AcceptanceRefused(
            "Dữ liệu đã đổi từ khi bị từ chối · reports, decisions, programme or code "
            "changed since the build was refused, so nobody has seen what would be "
            "published. Run `nhiemky run`, read its reasons, then accept again."
        )
    Decisions(run.ledger).record(
        run.programme.code,
        ACCEPT_PUBLICATION,
        "build",
        refused,
        by=acceptance.by,
        reason=acceptance.reason,
        observed=noted["reasons"],
    )
    state = fingerprint(run)  # the decision is part of the ledger now
    judge_build(run, acceptance)
    report = publish_build(run)
    remember_published(run, state)
    REFUSED.drop(run)
    return report


def _looks_back(run: RunContext) -> bool:
    """True when the publication in place judges a later day than this build."""
    if not run.home.published_db.exists():
        return False
    published_day: dt.date = publication(run.home)["as_of_date"]
    return published_day > run.as_of


def _record(run: RunContext, reasons: list[str], acceptance: Acceptance | None) -> None:
    text = "\n".join(reasons)
    now = dt.datetime.now(dt.UTC)
    if acceptance is not None:
        head = f"Được chấp nhận · accepted by {acceptance.by}: {acceptance.reason}"
        run.ledger.record_refusal(run.programme.code, f"{head}\n{text}", now)
        return
    run.ledger.record_refusal(run.programme.code, text, now)
    refusal = {
        "state": fingerprint(run),
        "as_of": run.as_of.isoformat(),
        "reasons": text,
    }
    REFUSED.write(run, refusal)
    raise GateRefused(text)
