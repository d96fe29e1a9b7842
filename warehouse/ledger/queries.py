"""What the ledger answers: one SELECT per question, columns as schema raw has them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from sources.programme.batch import MEMBER_COLUMNS
from warehouse.ledger.models import (
    CodeMember,
    Decision,
    Delivery,
    DeliveryOrigin,
    Edition,
    Finding,
    ObservationCount,
    Publication,
    QuarantinedValue,
    Submission,
)
from warehouse.ledger.models_sources import SourceCursor

WAIVE = "waive"
REOPEN = "reopen"
EXTEND_DEADLINE = "extend_deadline"
CLOSE = "close"


def known_origins(programme_code: str) -> Select[Any]:
    """One row per place, size and time at which bytes were seen."""
    return (
        select(
            DeliveryOrigin.source_code,
            DeliveryOrigin.origin,
            DeliveryOrigin.size_bytes,
            DeliveryOrigin.modified_at,
            DeliveryOrigin.delivery_sha256,
        )
        .where(DeliveryOrigin.programme_code == programme_code)
        .order_by(DeliveryOrigin.origin, DeliveryOrigin.modified_at)
    )


def pulled(programme_code: str) -> Select[Any]:
    """One row per source that was ever pulled."""
    return (
        select(SourceCursor.source_code, SourceCursor.cursor, SourceCursor.pulled_at)
        .where(SourceCursor.programme_code == programme_code)
        .order_by(SourceCursor.source_code)
    )


def programme_codes() -> Select[Any]:
    """One row per programme with deliveries."""
    return select(Delivery.programme_code).distinct().order_by(Delivery.programme_code)


def deliveries(programme_code: str | None, status: str | None = None) -> Select[Any]:
    """One row per delivery, oldest first (columns of raw.delivery)."""
    query = select(
        Delivery.delivery_sha256,
        Delivery.programme_code,
        Delivery.source_code,
        Delivery.origin,
        Delivery.file_name,
        Delivery.size_bytes,
        Delivery.status,
        Delivery.received_at,
        Delivery.recorded_at,
        Delivery.is_simulated,
    ).order_by(Delivery.received_at, Delivery.delivery_sha256)
    if status is not None:
        query = query.where(Delivery.status == status)
    return of_programme(query, Delivery.programme_code, programme_code)


def submissions(programme_code: str | None) -> Select[Any]:
    """One row per submission (columns of raw.submission).

    `observation_count` counts what was filled in: every status but missing, quarantined
    values included. `finding_count` counts what gate 1 found in it.
    """
    filled = _filled_counts().subquery()
    found = (
        select(Finding.submission_id, func.count().label("finding_count"))
        .where(Finding.origin == "gate_1")
        .group_by(Finding.submission_id)
        .subquery()
    )
    query = (
        select(
            Submission.submission_id,
            Submission.programme_code,
            Submission.delivery_sha256,
            Submission.file_name,
            Submission.sheet,
            Submission.form_code,
            Submission.unit_code,
            Submission.period_key,
            Submission.version,
            Submission.status,
            Submission.received_at,
            Submission.recorded_at,
            Submission.accepted_from,
            Submission.accepted_to,
            func.coalesce(filled.c.filled_count, 0).label("observation_count"),
            func.coalesce(found.c.finding_count, 0).label("finding_count"),
            Submission.is_simulated,
            Submission.is_control_total,
            Submission.change_reason,
        )
        .outerjoin(filled, filled.c.submission_id == Submission.submission_id)
        .outerjoin(found, found.c.submission_id == Submission.submission_id)
        .order_by(Submission.received_at, Submission.submission_id)
    )
    return of_programme(query, Submission.programme_code, programme_code)


def kept_counts(programme_code: str) -> Select[Any]:
    """One row per submission with counts: kept_count, the values gate 1 let in.

    Kept are the observations that are neither missing nor quarantined.
    """
    kept = ObservationCount.observation_count - ObservationCount.quarantined_count
    return (
        select(
            ObservationCount.submission_id,
            func.sum(
                case((ObservationCount.observation_status == "missing", 0), else_=kept)
            ).label("kept_count"),
        )
        .join(Submission)
        .where(Submission.programme_code == programme_code)
        .group_by(ObservationCount.submission_id)
    )


def current_counts(programme_code: str) -> Select[Any]:
    """One row per form, unit and period with an accepted submission, now current.

    `observation_count` counts its values that gate 1 let in. What is to be judged again
    is left out: it is compared with the version before it, as the first time.
    """
    kept = kept_counts(programme_code).subquery()
    own = and_(
        Delivery.programme_code == Submission.programme_code,
        Delivery.delivery_sha256 == Submission.delivery_sha256,
    )
    newest = func.row_number().over(
        partition_by=Submission.version_key, order_by=Submission.version.desc()
    )
    judged = (
        select(
            Submission.submission_id,
            Submission.form_code,
            Submission.unit_code,
            Submission.period_key,
            Submission.received_at,
            newest.label("turn"),
        )
        .join(Delivery, own)
        .where(
            Submission.programme_code == programme_code,
            Submission.status.in_(("accepted", "superseded")),
            Delivery.status != "received",
        )
        .subquery()
    )
    return (
        select(
            judged.c.form_code,
            judged.c.unit_code,
            judged.c.period_key,
            judged.c.received_at,
            func.coalesce(kept.c.kept_count, 0).label("observation_count"),
        )
        .outerjoin(kept, kept.c.submission_id == judged.c.submission_id)
        .where(judged.c.turn == 1)
    )


def quarantined(programme_code: str) -> Select[Any]:
    """One row per value that gate 1 kept out, and whether it could be read."""
    return (
        select(
            QuarantinedValue.submission_id,
            QuarantinedValue.measure_code,
            QuarantinedValue.sheet,
            QuarantinedValue.cell,
            QuarantinedValue.is_readable,
        )
        .join(Submission)
        .where(Submission.programme_code == programme_code)
        .order_by(QuarantinedValue.quarantined_id)
    )


def decisions(programme_code: str | None, *kinds: str) -> Select[Any]:
    """One row per decision of these kinds, of all kinds if none is named, in order."""
    query = select(*Decision.__table__.columns).order_by(
        Decision.decided_at, Decision.decision_id
    )
    if kinds:
        query = query.where(Decision.kind.in_(kinds))
    return of_programme(query, Decision.programme_code, programme_code)


def editions(programme_code: str | None) -> Select[Any]:
    """One row per edition, oldest first."""
    query = select(*Edition.__table__.columns).order_by(
        Edition.closed_at, Edition.edition_code
    )
    return of_programme(query, Edition.programme_code, programme_code)


def decision_count() -> Select[Any]:
    """One number: the decisions on record."""
    return select(func.count()).select_from(Decision)


def expired_waivers(at: dt.datetime) -> Select[Any]:
    """One number: the waivers whose time is over."""
    return select(func.count()).where(
        Decision.kind == WAIVE, Decision.valid_until <= at
    )


def members(programme_code: str) -> Select[Any]:
    """One row per member of an open code list, with its newest period's name."""
    rank = (
        func.row_number()
        .over(
            partition_by=(CodeMember.code_list, CodeMember.member_code),
            order_by=(CodeMember.period_key.desc(), CodeMember.name),
        )
        .label("rank")
    )
    ranked = (
        select(CodeMember, rank)
        .where(CodeMember.programme_code == programme_code)
        .subquery()
    )
    columns = (ranked.c[name] for name in MEMBER_COLUMNS)
    return (
        select(*columns)
        .where(ranked.c.rank == 1)
        .order_by(ranked.c.code_list, ranked.c.member_code)
    )


def last_publication(programme_code: str | None) -> Select[Any]:
    """At most one row: the newest publication that was not refused."""
    query = (
        select(Publication)
        .where(Publication.status == "published")
        .order_by(Publication.published_at.desc())
        .limit(1)
    )
    return of_programme(query, Publication.programme_code, programme_code)


def _filled_counts() -> Select[Any]:
    return (
        select(
            ObservationCount.submission_id,
            func.sum(ObservationCount.observation_count).label("filled_count"),
        )
        .where(ObservationCount.observation_status != "missing")
        .group_by(ObservationCount.submission_id)
    )


def of_programme(
    query: Select[Any], column: InstrumentedAttribute[str], programme_code: str | None
) -> Select[Any]:
    """The query's rows of one programme; all of them for None."""
    return query if programme_code is None else query.where(column == programme_code)
