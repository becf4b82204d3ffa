"""Merging the reports of one incident: order and repetition never show."""

from __future__ import annotations

import functools
import json
import random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

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
        problem.abandoned(130, until=200),
        problem.abandoned(140),
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


def test_abandonment_stays_whatever_report_told_it_first() -> None:
    assert merged(RECORDS).abandoned_at == at(130)
    assert merged([RECORDS[0], RECORDS[2], RECORDS[-1]]).abandoned_at is None


@given(st.permutations([60, 120, 200]))
def test_how_often_somebody_stood_at_a_stall_is_what_the_newest_report_says(order: list[int]) -> None:
    stall = Problem(Node(), "stall", end=300)
    records = [record_of(stall.updated(until, attended=until / 1000)) for until in order]
    assert merged(records).latest.value.attended == 0.2


def test_a_record_stored_before_these_fields_existed_is_still_read() -> None:
    stored = TypeAdapter(IncidentRecord).dump_python(merged(RECORDS), mode="json")
    del stored["abandoned_at"], stored["latest"]["value"]["attended"]
    read = TypeAdapter(IncidentRecord).validate_json(json.dumps(stored))
    assert (read.abandoned_at, read.latest.value.attended) == (None, None)


def test_a_report_that_only_says_abandoned_means_since_it_was_seen() -> None:
    event = Problem(Node(), "old").abandoned(140)
    bare = event.data.model_copy(update={"abandoned_at": None})
    assert record_of(event.model_copy(update={"data": bare})).abandoned_at == at(140)


def test_the_record_spans_every_sighting_and_keeps_the_opening() -> None:
    whole = merged(RECORDS)
    assert (whole.first_seen, whole.last_seen, whole.ended_at) == (at(0), at(300), at(305))
    assert whole.opening is not None
    assert whole.opening.value.reason_code == "dwell_exceeded"
    assert whole.latest.value.dwell.observed_s == 300
    assert [shot.value.picture.sha256[0] for shot in whole.shots] == ["a", "b"]
