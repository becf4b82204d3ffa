"""A migrated case database on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'centre.db'}")
    yield opened
    opened.close()
