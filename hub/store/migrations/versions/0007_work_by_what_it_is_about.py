"""Work by what it is about."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_work_subject", "work", ["subject_id", "kind"], unique=False)
