"""Foreign JSON: a number where the mapping says, else a reason; whatever a device sends, nothing is raised."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sensors.numbers import MOST_BYTES, checked_pointer
from ingest.sensors.payload import PayloadReader
from ingest.sensors.settings import JsonMapping
from ingest.sensors.source import Failure, NoSample, Sample

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


def read(mapping: dict[str, object], payload: bytes, *, kept: bool = False) -> Sample | NoSample:
    return PayloadReader(JsonMapping.model_validate(mapping)).read(payload, NOW, 5.0, kept=kept)


def number_of(mapping: dict[str, object], document: object) -> float:
    answer = read(mapping, json.dumps(document).encode())
    assert isinstance(answer, Sample), answer
    assert (answer.at, answer.steady_s) == (NOW, 5.0)
    return answer.number


def test_the_pointer_leads_to_the_number() -> None:
    deep = {"data": [{"a/b": {"c~d": 3}}]}
    assert number_of({"value": "/data/0/a~1b/c~0d"}, deep) == 3
    assert number_of({}, 7.5) == 7.5
    assert number_of({"value": "/v"}, {"v": " 1.5e1 "}) == 15
    assert number_of({"value": "/v"}, {"v": True}) == 1
    assert number_of({"value": "/v", "words": {"ON": 1}}, {"v": "On"}) == 1


HOSTILE = [
    b"",
    b"{",
    b"\xff\xfe",
    b"NaN",
    b'{"v": NaN}',
    b'{"v": Infinity}',
    b'{"v": null}',
    b'{"v": {}}',
    b'{"v": [1]}',
    b'{"v": "1,5"}',
    b'{"v": "nan"}',
    b'{"v": "0x10"}',
    b'{"v": "' + b"9" * 50 + b'"}',
    b'{"v": ' + b"9" * 400 + b"}",
    b'{"w": 1}',
    b"[" * 5000 + b"]" * 5000,
    b'{"v": "' + b"x" * MOST_BYTES + b'"}',
]


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_number_is_told_and_not_raised(payload: bytes) -> None:
    answer = read({"value": "/v"}, payload)
    assert isinstance(answer, NoSample)
    assert answer.failure is Failure.BAD_ANSWER
    assert len(answer.detail) < 300


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.integers()
        | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["v", "t", "x"]), inner, max_size=3)
        ),
        max_leaves=8,
    ).map(lambda document: json.dumps(document).encode())
)
def test_nothing_a_device_sends_raises(payload: bytes) -> None:
    assert isinstance(read({"value": "/v/0", "time": "/t"}, payload), Sample | NoSample)


@pytest.mark.parametrize(
    "time", ["2026-01-31T16:00:00+08:00", NOW.timestamp(), int(NOW.timestamp() * 1000), NOW.isoformat()]
)
def test_times_of_devices_are_understood(time: object) -> None:
    assert number_of({"value": "/v", "time": "/t", "max_age_s": 1}, {"v": 1, "t": time}) == 1


@pytest.mark.parametrize("time", ["2026-01-31T08:00:00", "yesterday", 1e300, None, True])
def test_times_that_are_none_are_no_reading(time: object) -> None:
    answer = read({"value": "/v", "time": "/t"}, json.dumps({"v": 1, "t": time}).encode())
    assert isinstance(answer, NoSample)
    assert answer.failure is Failure.BAD_ANSWER


def test_what_is_old_or_ahead_or_kept_by_the_broker_is_stale() -> None:
    for off_s in (-121.0, 121.0):
        stamp = (NOW + timedelta(seconds=off_s)).isoformat()
        answer = read({"value": "/v", "time": "/t"}, json.dumps({"v": 1, "t": stamp}).encode())
        assert isinstance(answer, NoSample)
        assert answer.failure is Failure.STALE
    kept = read({}, b"1", kept=True)
    assert isinstance(kept, NoSample)
    assert kept.failure is Failure.STALE


def test_repetitions_are_no_news_and_a_device_set_back_is_believed_after_three() -> None:
    reader = PayloadReader(JsonMapping(value="/v", time="/t"))

    def sent(second: float) -> bool:
        payload = json.dumps({"v": 1, "t": NOW.timestamp() + second}).encode()
        return isinstance(reader.read(payload, NOW, 0.0), Sample)

    assert [sent(second) for second in (0, 10, 10, 5, 10, 11)] == [True, True, False, False, False, True]
    assert [sent(second) for second in (-60, -50, -40, -30)] == [False, False, True, True]


@pytest.mark.parametrize("pointer", ["v", "/a~b", "/x" * 40])
def test_a_pointer_that_is_none_is_refused(pointer: str) -> None:
    with pytest.raises(ValueError):
        checked_pointer(pointer)
