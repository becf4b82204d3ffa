from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.models.fetching.server import Mirror, mirror


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A mirror, reached without any proxy of this machine."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with mirror() as running:
        yield running
