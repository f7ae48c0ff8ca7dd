"""What a user chose for a job beside its reference."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("job", sa.Column("options", sa.String(), nullable=False, server_default=""))
