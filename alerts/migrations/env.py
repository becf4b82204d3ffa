"""Runs the migrations on the connection that :class:`alerts.storage.database.Database` hands over."""

from __future__ import annotations

from alembic import context

from alerts.storage import fleet_tables as fleet_tables
from alerts.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
