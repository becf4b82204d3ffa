"""Alembic migrations, run by the centre when it starts."""
