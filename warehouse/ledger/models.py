"""Tables of the ledger: deliveries, submissions, findings, decisions, what went out."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.ledger.base import Base


class LedgerState(Base):
    """One row: which ledger this is and how often anything recorded has changed."""

    __tablename__ = "ledger_state"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ledger_id: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)


class Delivery(Base):
    """One row per programme and content received.

    Origin, name, source and `received_at` are those of the earliest place and time at
    which the bytes were seen, so that the order of our pulls does not matter.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint(
            "status IN ('received', 'read', 'rejected', 'refused')", name="status"
        ),
    )
    programme_code: Mapped[str] = mapped_column(primary_key=True)
    delivery_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    source_code: Mapped[str]
    origin: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    received_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    is_simulated: Mapped[bool]


class DeliveryOrigin(Base):
    """One row per place and time at which bytes were seen."""

    __tablename__ = "delivery_origin"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
        ),
        Index(None, "programme_code", "delivery_sha256"),
    )
    origin_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    delivery_sha256: Mapped[str] = mapped_column(String(64))
    source_code: Mapped[str]
    origin: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    modified_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]


class Submission(Base):
    """One row per submission read; form, unit and period exactly as found.

    `judged_status` is gate 1's word; version, `status`, the accepted interval and
    `change_reason` follow from all submissions of the same form, unit and period.
    """

    __tablename__ = "submission"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
        ),
        CheckConstraint(
            "judged_status IN ('accepted', 'rejected', 'held')", name="judged_status"
        ),
        CheckConstraint(
            "status IN ('accepted', 'superseded', 'rejected', 'held')", name="status"
        ),
        Index(None, "programme_code", "delivery_sha256"),
        Index(None, "version_key"),
    )
    submission_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    delivery_sha256: Mapped[str] = mapped_column(String(64))
    version_key: Mapped[str] = mapped_column(String(32))
    file_name: Mapped[str]
    sheet: Mapped[str | None]
    form_code: Mapped[str | None]
    unit_code: Mapped[str | None]
    period_key: Mapped[str | None]
    template_version: Mapped[str | None]
    number_style: Mapped[str | None]
    declared_version: Mapped[int | None] = mapped_column(BigInteger)
    is_nil_report: Mapped[bool]
    is_simulated: Mapped[bool]
    is_control_total: Mapped[bool]
    reader: Mapped[str | None]
    judged_status: Mapped[str]
    received_at: Mapped[dt.datetime]
    recorded_at: Mapped[dt.datetime]
    version: Mapped[int]
    status: Mapped[str]
    accepted_from: Mapped[dt.datetime | None]
    accepted_to: Mapped[dt.datetime | None]
    change_reason: Mapped[str]
    is_outdated: Mapped[bool]


class ObservationCount(Base):
    """One row per submission and observation status: read, and of these quarantined."""

    __tablename__ = "observation_count"
    submission_id: Mapped[str] = mapped_column(
        ForeignKey("submission.submission_id", ondelete="CASCADE"), primary_key=True
    )
    observation_status: Mapped[str] = mapped_column(String(32), primary_key=True)
    observation_count: Mapped[int]
    quarantined_count: Mapped[int]


class Finding(Base):
    """One row per finding; whether it is open, waived or resolved is worked out.

    `subject_key` names what it is about (form, unit, period, rule, measure) whatever
    version it was found in: by it a fault is known again and a waiver holds. `origin`
    says who replaces it: gate 1 with its delivery, the standing checks with each run.
    `resolved_at` is set on standing findings that a later run did not find again; those
    of gate 1 are resolved by a later version of their submission.
    """

    __tablename__ = "finding"
    __table_args__ = (
        ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
        ),
        CheckConstraint("origin IN ('gate_1', 'standing')", name="origin"),
        Index(None, "programme_code", "delivery_sha256"),
        Index(None, "submission_id"),
        Index(None, "subject_key"),
    )
    finding_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    delivery_sha256: Mapped[str | None] = mapped_column(String(64))
    submission_id: Mapped[str | None] = mapped_column(String(32))
    unit_code: Mapped[str | None]
    form_code: Mapped[str | None]
    period_key: Mapped[str | None]
    indicator_code: Mapped[str | None]
    rule_code: Mapped[str]
    severity: Mapped[str]
    scope: Mapped[str]
    is_blocking: Mapped[bool]
    is_quarantining: Mapped[bool]
    message_vi: Mapped[str]
    message_en: Mapped[str]
    sheet: Mapped[str | None]
    cell: Mapped[str | None]
    observed: Mapped[str | None]
    expected: Mapped[str | None]
    recorded_at: Mapped[dt.datetime]
    subject_key: Mapped[str] = mapped_column(String(32))
    origin: Mapped[str] = mapped_column(String(16))
    resolved_at: Mapped[dt.datetime | None]


class QuarantinedValue(Base):
    """One row per value kept out of schema raw, by its place in the submission.

    A person may let it in where it could be read (`is_readable`); a cell with a reading
    fault holds no value to let in.
    """

    __tablename__ = "quarantined_value"
    __table_args__ = (Index(None, "submission_id"),)
    quarantined_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    submission_id: Mapped[str] = mapped_column(
        ForeignKey("submission.submission_id", ondelete="CASCADE")
    )
    measure_code: Mapped[str]
    sheet: Mapped[str | None]
    cell: Mapped[str | None]
    is_readable: Mapped[bool]


class CodeMember(Base):
    """One row per member of an open code list and period that showed it."""

    __tablename__ = "code_member"
    __table_args__ = (Index(None, "programme_code"),)
    member_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    code_list: Mapped[str]
    member_code: Mapped[str]
    name: Mapped[str]
    period_key: Mapped[str]


class Publication(Base):
    """One row per publication, or refusal of one by gate 2."""

    __tablename__ = "publication"
    __table_args__ = (
        CheckConstraint("status IN ('published', 'refused')", name="status"),
    )
    publication_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    programme_code: Mapped[str]
    status: Mapped[str]
    published_at: Mapped[dt.datetime]
    as_of_date: Mapped[dt.date | None]
    reasons: Mapped[str]


class Decision(Base):
    """One row per decision of a person: what about, who, why, when, until when.

    `observed` is the figure that was decided on: another figure is another question.
    """

    __tablename__ = "decision"
    __table_args__ = (Index(None, "programme_code", "subject_id"),)
    decision_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str]
    decided_by: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[dt.datetime]
    valid_until: Mapped[dt.datetime | None]
    observed: Mapped[str | None]


class Reply(Base):
    """One row per delivery that was answered with a marked workbook.

    `state_digest` stands for the findings that the reply shows; when they change, the
    reply is written again.
    """

    __tablename__ = "reply"
    reply_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    delivery_sha256: Mapped[str] = mapped_column(String(64))
    path: Mapped[str]
    state_digest: Mapped[str] = mapped_column(String(32))
    finding_count: Mapped[int]
    written_at: Mapped[dt.datetime]


class Alert(Base):
    """One row per thing that maintainers should hear of: the outbox.

    `alert_key` names the thing, so that it is told once and told again only when it
    grows worse, comes back, or its quiet time is over. `sent_level` is the escalation
    that was told last.
    """

    __tablename__ = "alert"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'sent', 'resolved')", name="state"),
        Index(None, "programme_code", "state"),
    )
    alert_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    programme_code: Mapped[str]
    alert_key: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32))
    severity: Mapped[str] = mapped_column(String(16))
    unit_code: Mapped[str | None]
    form_code: Mapped[str | None]
    period_key: Mapped[str | None]
    rule_code: Mapped[str | None]
    place: Mapped[str | None]
    message_vi: Mapped[str]
    message_en: Mapped[str]
    remedy_vi: Mapped[str]
    remedy_en: Mapped[str]
    command: Mapped[str]
    run_id: Mapped[str | None]
    level: Mapped[int]
    sent_level: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(16))
    times: Mapped[int]
    first_seen_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    next_try_at: Mapped[dt.datetime | None]
    tries: Mapped[int]
    last_error: Mapped[str | None]


class Edition(Base):
    """One row per closing of a period: which rows were frozen, when, by whom and why.

    Only ever added. `rows_sha256` names the frozen rows of fct_target_progress, whose
    bytes lie in landing. `published_at` is when the figures had been published.
    """

    __tablename__ = "edition"
    __table_args__ = (
        CheckConstraint("kind IN ('provisional', 'final')", name="kind"),
        UniqueConstraint("programme_code", "period_key", "number"),
    )
    programme_code: Mapped[str] = mapped_column(primary_key=True)
    edition_code: Mapped[str] = mapped_column(primary_key=True)
    period_key: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    closed_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime]
    as_of_date: Mapped[dt.date]
    publication_id: Mapped[str] = mapped_column(String(64))
    closed_by: Mapped[str]
    reason: Mapped[str]
    rows_sha256: Mapped[str] = mapped_column(String(64))
    row_count: Mapped[int]
