"""Editions: what was frozen when a period was closed.

Revision: 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of editions; a decision may be about any number of codes."""
    op.create_table(
        "edition",
        sa.Column("programme_code", sa.Text(), nullable=False),
        sa.Column("edition_code", sa.Text(), nullable=False),
        sa.Column("period_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of_date", sa.Date(), nullable=False),
        sa.Column("publication_id", sa.String(length=64), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rows_sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('provisional', 'final')", name=op.f("ck_edition_kind")
        ),
        sa.PrimaryKeyConstraint(
            "programme_code", "edition_code", name=op.f("pk_edition")
        ),
        sa.UniqueConstraint(
            "programme_code",
            "period_key",
            "number",
            name=op.f("uq_edition_programme_code_period_key_number"),
        ),
    )
    with op.batch_alter_table("decision") as decision:
        decision.alter_column(
            "subject_id",
            existing_type=sa.String(length=64),
            type_=sa.Text(),
            existing_nullable=False,
        )


def downgrade() -> None:
    """A ledger is the source of truth: going back means restoring a backup."""
    raise NotImplementedError("restore a backup of the ledger instead")
