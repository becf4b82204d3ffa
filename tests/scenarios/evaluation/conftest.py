"""Keys that depend on nothing outside a test."""

from __future__ import annotations

import pytest

from scenarios.evaluation import keys


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The digests of everything but the scenario; a test changes them by name."""
    told = {"running": "r1", "scoring": "s1", "profile": "p1", "model": "m1"}
    monkeypatch.setattr(keys, "running_code", lambda: told["running"])
    monkeypatch.setattr(keys, "scoring_code", lambda: told["scoring"])
    monkeypatch.setattr(keys, "profile_sha256", lambda name: told["profile"] + name)
    monkeypatch.setattr(keys, "model_sha256", lambda name: told["model"] + name)
    return told
