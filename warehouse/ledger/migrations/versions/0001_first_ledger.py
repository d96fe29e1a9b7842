"""Deliveries, submissions, findings, quarantine, members, publications, decisions.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes every table of the first ledger."""
    op.create_table(
        "code_member",
        sa.Column("member_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("code_list", sa.Text(), nullable=False),
        sa.Column("member_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("period_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_code_member")),
    )
    op.create_index(
        op.f("ix_code_member_programme_code"),
        "code_member",
        ["programme_code"],
        unique=False,
    )
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_type", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
    )
    op.create_index(
        op.f("ix_decision_programme_code_subject_id"),
        "decision",
        ["programme_code", "subject_id"],
        unique=False,
    )
    op.create_table(
        "delivery",
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("delivery_sha256", sa.String(length=64), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "status IN ('received', 'read', 'rejected', 'refused')",
            name=op.f("ck_delivery_status"),
        ),
        sa.PrimaryKeyConstraint(
            "programme_code", "delivery_sha256", name=op.f("pk_delivery")
        ),
    )
    op.create_table(
        "ledger_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ledger_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_state")),
    )
    op.create_table(
        "publication",
        sa.Column("publication_id", sa.String(length=64), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of_date", sa.Date(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('published', 'refused')", name=op.f("ck_publication_status")
        ),
        sa.PrimaryKeyConstraint("publication_id", name=op.f("pk_publication")),
    )
    op.create_table(
        "delivery_origin",
        sa.Column("origin_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("delivery_sha256", sa.String(length=64), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
            name=op.f("fk_delivery_origin_delivery"),
        ),
        sa.PrimaryKeyConstraint("origin_id", name=op.f("pk_delivery_origin")),
    )
    op.create_index(
        op.f("ix_delivery_origin_programme_code_delivery_sha256"),
        "delivery_origin",
        ["programme_code", "delivery_sha256"],
        unique=False,
    )
    op.create_table(
        "finding",
        sa.Column("finding_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("delivery_sha256", sa.String(length=64), nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("form_code", sa.Text(), nullable=True),
        sa.Column("period_key", sa.Text(), nullable=True),
        sa.Column("indicator_code", sa.Text(), nullable=True),
        sa.Column("rule_code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("is_blocking", sa.Boolean(), nullable=False),
        sa.Column("is_quarantining", sa.Boolean(), nullable=False),
        sa.Column("message_vi", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("cell", sa.Text(), nullable=True),
        sa.Column("observed", sa.Text(), nullable=True),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'waived')", name=op.f("ck_finding_status")
        ),
        sa.ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
            name=op.f("fk_finding_delivery"),
        ),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_finding")),
    )
    op.create_index(
        op.f("ix_finding_programme_code_delivery_sha256"),
        "finding",
        ["programme_code", "delivery_sha256"],
        unique=False,
    )
    op.create_index(
        op.f("ix_finding_submission_id"), "finding", ["submission_id"], unique=False
    )
    op.create_table(
        "submission",
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("delivery_sha256", sa.String(length=64), nullable=False),
        sa.Column("version_key", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("form_code", sa.Text(), nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("period_key", sa.Text(), nullable=True),
        sa.Column("template_version", sa.Text(), nullable=True),
        sa.Column("number_style", sa.Text(), nullable=True),
        sa.Column("declared_version", sa.BigInteger(), nullable=True),
        sa.Column("is_nil_report", sa.Boolean(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("is_control_total", sa.Boolean(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=True),
        sa.Column("judged_status", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("accepted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("change_reason", sa.Text(), nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "judged_status IN ('accepted', 'rejected', 'held')",
            name=op.f("ck_submission_judged_status"),
        ),
        sa.CheckConstraint(
            "status IN ('accepted', 'superseded', 'rejected', 'held')",
            name=op.f("ck_submission_status"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
            name=op.f("fk_submission_delivery"),
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submission")),
    )
    op.create_index(
        op.f("ix_submission_programme_code_delivery_sha256"),
        "submission",
        ["programme_code", "delivery_sha256"],
        unique=False,
    )
    op.create_index(
        op.f("ix_submission_version_key"), "submission", ["version_key"], unique=False
    )
    op.create_table(
        "observation_count",
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("observation_status", sa.String(length=32), nullable=False),
        sa.Column("observation_count", sa.Integer(), nullable=False),
        sa.Column("quarantined_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.submission_id"],
            name=op.f("fk_observation_count_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "submission_id", "observation_status", name=op.f("pk_observation_count")
        ),
    )
    op.create_table(
        "quarantined_value",
        sa.Column("quarantined_id", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.String(length=32), nullable=False),
        sa.Column("measure_code", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("cell", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.submission_id"],
            name=op.f("fk_quarantined_value_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("quarantined_id", name=op.f("pk_quarantined_value")),
    )
    op.create_index(
        op.f("ix_quarantined_value_submission_id"),
        "quarantined_value",
        ["submission_id"],
        unique=False,
    )


def downgrade() -> None:
    """A ledger is the source of truth: going back means restoring a backup."""
    raise NotImplementedError("restore a backup of the ledger instead")
