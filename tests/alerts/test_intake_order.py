"""However a node's events arrive, the cases they make are the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alerts.cases import CaseService
from alerts.intake import Intake
from alerts.storage.database import Database
from ingest.clock import ManualClock
from ingest.messages import Event, Position
from ingest.taxonomy import Category
from tests.alerts.reports import START, Node, Problem, name_id


@contextmanager
def memory_database() -> Iterator[Database]:
    database = Database("sqlite://")
    try:
        yield database
    finally:
        database.close()


def canonical(database: Database) -> list[Any]:
    """The case table without ids, numbers and times of processing."""
    cases = CaseService(database, ManualClock(START))
    table = []
    for case in cases.list_cases(limit=1000).cases:
        incidents = cases.detail(case.id).incidents
        shown = replace(
            case,
            id=name_id("any"),
            number=0,
            created_at=START,
            updated_at=START,
            recurrence_of=None,
        )
        table.append((shown, incidents))
    return sorted(table, key=repr)


def outcome(node: Node, events: Sequence[Event], batch: int) -> list[Any]:
    with memory_database() as database:
        intake = Intake(database)
        messages = [node.received(event) for event in events]
        for start in range(0, len(messages), batch):
            intake.process(messages[start : start + batch])
        assert not [key for key in intake.counters if key[0] == "dead_letter"]
        return canonical(database)


BOXES = ((0.2, 0.2, 0.4, 0.4), (0.22, 0.2, 0.42, 0.4), (0.3, 0.2, 0.5, 0.4), (0.7, 0.7, 0.9, 0.9))
LOOKS = ((1.0, 0.0), (0.9, 0.43), (0.0, 1.0), ())
POSITIONS = (
    None,
    Position(latitude=31.2, longitude=121.4, uncertainty_m=3.0),
    Position(latitude=31.20005, longitude=121.4, uncertainty_m=3.0),
    Position(latitude=31.21, longitude=121.4, uncertainty_m=3.0),
)

problem = st.fixed_dictionaries(
    {
        "begin": st.integers(0, 6000),
        "length": st.integers(20, 3000),
        "place": st.sampled_from(["a", "b", "c", "d"]),
        "camera": st.sampled_from(["north", "south"]),
        "category": st.sampled_from([Category.PARKED_VEHICLE, Category.GARBAGE]),
        "box": st.sampled_from(BOXES),
        "appearance": st.sampled_from(LOOKS),
        "position": st.sampled_from(POSITIONS),
    }
)


@settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(problem, min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(1, 20))
def test_any_permutation_and_duplication_gives_the_same_cases(
    drawn: list[dict[str, Any]], random_: random.Random, batch: int
) -> None:
    node = Node()
    events = []
    for index, item in enumerate(drawn):
        settled = {key: value for key, value in item.items() if key != "length"}
        one = Problem(node, f"incident-{index}", end=item["begin"] + item["length"], **settled)
        story = one.story()
        events += story if random_.random() < 0.8 else story[:2]
    shuffled = events + random_.sample(events, k=len(events) // 2)
    random_.shuffle(shuffled)
    in_order = sorted(events, key=lambda event: (event.time, str(event.id)))
    assert outcome(node, shuffled, batch) == outcome(node, in_order, 1)
