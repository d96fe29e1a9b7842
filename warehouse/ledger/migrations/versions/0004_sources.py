"""Sources: how far each was pulled, and what people said of unmatched deliveries.

Revision: 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables of cursors and assignments."""
    op.create_table(
        "source_cursor",
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("pulled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "programme_code", "source_code", name=op.f("pk_source_cursor")
        ),
    )
    op.create_table(
        "delivery_assignment",
        sa.Column("assignment_id", sa.String(length=32), nullable=False),
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("delivery_sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=True),
        sa.Column("form_code", sa.Text(), nullable=True),
        sa.Column("unit_code", sa.Text(), nullable=True),
        sa.Column("period_key", sa.Text(), nullable=True),
        sa.Column("to_programme_code", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('assign', 'dismiss')", name=op.f("ck_delivery_assignment_kind")
        ),
        sa.ForeignKeyConstraint(
            ["programme_code", "delivery_sha256"],
            ["delivery.programme_code", "delivery.delivery_sha256"],
            name=op.f("fk_delivery_assignment_delivery"),
        ),
        sa.PrimaryKeyConstraint("assignment_id", name=op.f("pk_delivery_assignment")),
    )
    op.create_index(
        op.f("ix_delivery_assignment_programme_code_delivery_sha256"),
        "delivery_assignment",
        ["programme_code", "delivery_sha256"],
    )


def downgrade() -> None:
    """A ledger is the source of truth: going back means restoring a backup."""
    raise NotImplementedError("restore a backup of the ledger instead")
