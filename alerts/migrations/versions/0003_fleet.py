"""Fleet: desired and reported states, commands, boot clocks, and the shift of an event's times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_fleet"
down_revision = "0002_abandoned_cases"
branch_labels = None
depends_on = None


def _node() -> list[sa.Column[str]]:
    return [
        sa.Column("site", sa.String(length=63), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
    ]


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("time_shift_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "fleet_desired",
        *_node(),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("order_record", sa.JSON(), nullable=False),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        _time("issued_at"),
        sa.PrimaryKeyConstraint("site", "node", "kind", "revision", name=op.f("pk_fleet_desired")),
    )
    op.create_table(
        "fleet_reported",
        *_node(),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        _time("said_at"),
        _time("received_at"),
        sa.PrimaryKeyConstraint("site", "node", "kind", name=op.f("pk_fleet_reported")),
    )
    op.create_table(
        "fleet_commands",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_node(),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("camera", sa.String(length=63), nullable=True),
        sa.Column("issued_by", sa.String(length=80), nullable=False),
        _time("issued_at"),
        _time("not_after"),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        _time("result_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_commands")),
    )
    with op.batch_alter_table("fleet_commands", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fleet_commands_outcome_not_after"), ["outcome", "not_after"])
        batch_op.create_index(batch_op.f("ix_fleet_commands_site_node_issued_at"), ["site", "node", "issued_at"])
    op.create_table(
        "fleet_boot_clocks",
        sa.Column("boot_id", sa.Uuid(), nullable=False),
        *_node(),
        sa.Column("zero_ms", sa.BigInteger(), nullable=False),
        _time("said_at"),
        sa.PrimaryKeyConstraint("boot_id", name=op.f("pk_fleet_boot_clocks")),
    )


def downgrade() -> None:
    for table in (
        "fleet_boot_clocks",
        "fleet_commands",
        "fleet_reported",
        "fleet_desired",
    ):
        op.drop_table(table)
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("time_shift_ms")
