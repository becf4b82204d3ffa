"""Processes that share the files of tests begin with the longest, and all of them agree on the order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.order import longest_first, slow_s


@dataclass(frozen=True)
class Test:
    """What the order looks at; ``slow`` holds the marker's arguments, None without a marker."""

    __test__ = False
    path: Path
    number: int
    slow: tuple[float, ...] | None = None

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        assert name == "slow"
        return None if self.slow is None else getattr(pytest.mark, name)(*self.slow).mark


def ordered(tests: list[Test]) -> list[Test]:
    return cast(list[Test], longest_first(cast(Any, tests)))


file_of_tests = st.lists(st.sampled_from([None, (), (60.0,)]), min_size=1, max_size=5)


@given(st.lists(file_of_tests, max_size=6))
def test_files_stay_whole_and_none_is_shorter_than_the_next(files: list[list[tuple[float, ...] | None]]) -> None:
    tests = [
        Test(Path(f"test_{name}.py"), number, slow)
        for name, file in enumerate(files)
        for number, slow in enumerate(file)
    ]
    found = [list(group) for _, group in groupby(ordered(tests), key=lambda test: test.path)]
    assert len(found) == len(files)
    assert sorted((test.path, test.number) for file in found for test in file) == [
        (t.path, t.number) for t in tests
    ]
    assert all([test.number for test in file] == list(range(len(file))) for file in found)
    lengths = [(sum(slow_s(cast(Any, test)) for test in file), len(file)) for file in found]
    assert lengths == sorted(lengths, reverse=True)


def test_a_slow_test_counts_ten_seconds_unless_its_marker_tells_more() -> None:
    plain, slow, long = (Test(Path("x.py"), 0, told) for told in (None, (), (60.0,)))
    assert [slow_s(cast(Any, test)) for test in (plain, slow, long)] == [0.0, 10.0, 60.0]
