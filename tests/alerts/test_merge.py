"""Merging the reports of one incident: order and repetition never show."""

from __future__ import annotations

import functools
import random

from hypothesis import given
from hypothesis import strategies as st

from alerts.merge import IncidentRecord, merge, record_of
from ingest.messages import Event
from tests.alerts.reports import Node, Problem, at, picture


def reports() -> list[Event]:
    problem = Problem(Node(), "one", end=300)
    return [
        problem.opened(pictures=[picture("a" * 64)]),
        problem.opened(after=21, pictures=[picture("a" * 64), picture("b" * 64)]),
        problem.updated(60),
        problem.updated(120),
        problem.updated(120),
        problem.closed(),
    ]


RECORDS = [record_of(event) for event in reports()]
subsets = st.lists(st.sampled_from(RECORDS), min_size=1, max_size=8)


def merged(records: list[IncidentRecord]) -> IncidentRecord:
    return functools.reduce(merge, records)


@given(subsets, st.randoms(use_true_random=False))
def test_any_order_and_repetition_of_reports_gives_one_record(
    records: list[IncidentRecord], random_: random.Random
) -> None:
    shuffled = records + random_.sample(records, k=len(records) // 2)
    random_.shuffle(shuffled)
    assert merged(shuffled) == merged(records)


@given(subsets, subsets, subsets)
def test_merging_is_associative_commutative_and_idempotent(
    a: list[IncidentRecord], b: list[IncidentRecord], c: list[IncidentRecord]
) -> None:
    x, y, z = merged(a), merged(b), merged(c)
    assert merge(merge(x, y), z) == merge(x, merge(y, z))
    assert merge(x, y) == merge(y, x)
    assert merge(x, x) == x


def test_the_record_spans_every_sighting_and_keeps_the_opening() -> None:
    whole = merged(RECORDS)
    assert (whole.first_seen, whole.last_seen, whole.ended_at) == (at(0), at(300), at(305))
    assert whole.opening is not None
    assert whole.opening.value.reason_code == "dwell_exceeded"
    assert whole.latest.value.dwell.observed_s == 300
    assert [shot.value.picture.sha256[0] for shot in whole.shots] == ["a", "b"]
