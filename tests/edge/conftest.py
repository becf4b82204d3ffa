"""Closes what a test opened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge.doubles import OPENED


@pytest.fixture(autouse=True)
def _close_databases() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
