"""Cases of vehicles that stand abandoned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_abandoned_cases"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("abandoned_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("cases", "abandoned_at")
