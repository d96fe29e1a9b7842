"""What a finding is about, replies to units, and the outbox of alerts.

Revision: 0002.
"""

import sqlalchemy as sa
from alembic import op

from warehouse.ledger.rows import subject_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Gives findings a subject, and makes the tables of replies and alerts."""
    op.add_column("decision", sa.Column("observed", sa.Text(), nullable=True))
    op.create_table(
        "reply",
        sa.Column("reply_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("delivery_sha256", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("state_digest", sa.String(length=32), nullable=False),
        sa.Column("finding_count", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reply_id", name=op.f("pk_reply")),
    )
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("alert_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("form_code", sa.Text(), nullable=True),
        sa.Column("period_key", sa.Text(), nullable=True),
        sa.Column("rule_code", sa.Text(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("message_vi", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("remedy_vi", sa.Text(), nullable=False),
        sa.Column("remedy_en", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("sent_level", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'sent', 'resolved')", name=op.f("ck_alert_state")
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert")),
    )
    op.create_index(
        op.f("ix_alert_programme_code_state"),
        "alert",
        ["programme_code", "state"],
        unique=False,
    )
    _give_subjects()
    _tell_readable_values()


def _give_subjects() -> None:
    with op.batch_alter_table("finding") as finding:
        finding.add_column(sa.Column("subject_key", sa.String(32), nullable=True))
        finding.add_column(sa.Column("origin", sa.String(16), nullable=True))
        finding.add_column(
            sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True)
        )
        finding.alter_column(
            "delivery_sha256", existing_type=sa.String(64), nullable=True
        )
        finding.drop_constraint(op.f("ck_finding_status"), type_="check")
        finding.drop_column("status")
    table = sa.table(
        "finding", *(sa.column(name) for name in ("finding_id", *_NAMES, *_GIVEN))
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(table)).mappings().all()
    if rows:
        connection.execute(
            sa.update(table)
            .where(table.c.finding_id == sa.bindparam("key"))
            .values(subject_key=sa.bindparam("subject"), origin="gate_1"),
            [{"key": r["finding_id"], "subject": subject_key(dict(r))} for r in rows],
        )
    with op.batch_alter_table("finding") as finding:
        finding.alter_column("subject_key", existing_type=sa.String(32), nullable=False)
        finding.alter_column("origin", existing_type=sa.String(16), nullable=False)
        finding.create_check_constraint("origin", "origin IN ('gate_1', 'standing')")
        finding.create_index(op.f("ix_finding_subject_key"), ["subject_key"])


def _tell_readable_values() -> None:
    """Where some quarantined cells of a submission held no value, none counts as one.

    The ledger did not note which they were; judging the delivery again tells.
    """
    with op.batch_alter_table("quarantined_value") as value:
        value.add_column(
            sa.Column(
                "is_readable", sa.Boolean(), nullable=False, server_default=sa.true()
            )
        )
    table = sa.table(
        "quarantined_value", sa.column("submission_id"), sa.column("is_readable")
    )
    count = sa.table(
        "observation_count",
        sa.column("submission_id"),
        sa.column("observation_status"),
        sa.column("quarantined_count"),
    )
    faulty = sa.select(count.c.submission_id).where(
        count.c.observation_status == "missing", count.c.quarantined_count > 0
    )
    op.execute(
        sa.update(table)
        .where(table.c.submission_id.in_(faulty))
        .values(is_readable=sa.false())
    )
    with op.batch_alter_table("quarantined_value") as value:
        value.alter_column("is_readable", server_default=None)


_GIVEN = ("subject_key", "origin")
_NAMES = (
    "programme_code",
    "delivery_sha256",
    "submission_id",
    "unit_code",
    "form_code",
    "period_key",
    "indicator_code",
    "rule_code",
    "sheet",
    "cell",
)


def downgrade() -> None:
    """A ledger is the source of truth: going back means restoring a backup."""
    raise NotImplementedError("restore a backup of the ledger instead")
