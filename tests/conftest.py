"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.e2e.stack import STARTED
from tests.order import longest_first
from tests.servers import Mosquitto

# A time limit per example would make the tests depend on how busy the machine is.
settings.register_profile("kerbwatch", deadline=None)
settings.load_profile("kerbwatch")

# A shell's background job ignores SIGINT, and so would every program a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where processes share the files of tests, the longest come first, so that none is left alone with one."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = longest_first(items)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A running broker that lets everybody in."""
    directory = tmp_path / "broker"
    directory.mkdir()
    broker = Mosquitto(directory).start()
    yield broker
    broker.stop()


@pytest.fixture(autouse=True)
def _no_program_outlives_its_test() -> Iterator[None]:
    yield
    while STARTED:
        STARTED.pop().kill()


@pytest.fixture(scope="session")
def footage() -> Path:
    """The folder with the real footage and weights; tests that need it skip where it is absent."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("KERBWATCH_FOOTAGE", default))
    if not (folder / "videos").is_dir():
        pytest.skip(f"no footage at {folder}; name its folder in KERBWATCH_FOOTAGE")
    return folder
