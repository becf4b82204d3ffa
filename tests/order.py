"""The order in which several processes take the files of tests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pytest

_SLOW_S = 10.0


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Whole files, those with the most seconds of slow tests first, then those with the most tests.

    Nothing moves within a file. A function of what was collected alone: every process must come to the same order.
    """
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    files.sort(key=lambda tests: (-sum(slow_s(test) for test in tests), -len(tests)))
    return [test for tests in files for test in tests]


def slow_s(item: pytest.Item) -> float:
    """The seconds its marker tells; none for a test that is not slow."""
    marker = item.get_closest_marker("slow")
    if marker is None:
        return 0.0
    return float(marker.args[0]) if marker.args else _SLOW_S
