"""What people do."""

import sqlalchemy as sa
from alembic import op

from hub.store.types import BigInt, Json, UtcTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", BigInt, autoincrement=False, nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.String(length=500), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", Json(), nullable=True),
        sa.Column("after", Json(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_subject", "audit", ["subject_type", "subject_id"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", BigInt, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "bulk",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("wanted", Json(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("upto", sa.String(length=36), nullable=False),
        sa.Column("reached", sa.String(length=36), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("refusals", Json(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("ended_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk")),
    )
    op.add_column("message", sa.Column("edited_from", sa.String(length=36), nullable=True))
    op.add_column("message", sa.Column("erased_at", UtcTime(), nullable=True))
    op.create_index(op.f("ix_message_edited_from"), "message", ["edited_from"], unique=False)
    op.add_column("payload", sa.Column("archive", sa.Text(), nullable=True))
    # Of a message that a person ignores nothing is left to do.
    problem = sa.text(
        "validation <> 'ignored' AND (validation IN ('rejected', 'held') OR delivery IN ('failed', 'in_doubt', 'held') "
        "OR acknowledgement IN ('partially', 'rejected', 'overdue'))"
    )
    waiting = sa.text(
        "validation <> 'ignored' AND (validation IN ('pending') OR delivery IN ('queued') "
        "OR acknowledgement IN ('expected'))"
    )
    for name, condition in (("ix_message_problem", problem), ("ix_message_waiting", waiting)):
        op.drop_index(name, "message")
        op.create_index(name, "message", ["id"], sqlite_where=condition, postgresql_where=condition)
