"""An abandoned vehicle (僵尸车) is one line of its case's history and a flag, in whatever order its reports come."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from alerts.cases import CaseService
from alerts.intake import Intake
from alerts.storage.database import Database
from ingest.clock import ManualClock
from tests.alerts.reports import START, Node, Problem, at


def service(database: Database) -> CaseService:
    return CaseService(database, ManualClock(START))


def steps(cases: CaseService, case_id: UUID) -> list[str]:
    return [line.action for line in cases.history(case_id)]


@pytest.mark.parametrize("seed", range(6))
def test_a_case_is_flagged_once_whatever_the_order_of_reports(database: Database, seed: int) -> None:
    node = Node()
    car = Problem(node, "car", end=900)
    story = [car.opened(), car.updated(60), car.abandoned(500), car.abandoned(500, until=600), car.updated(90)]
    order = [*story, *story]
    random.Random(seed).shuffle(order)
    for event in order:
        Intake(database).process([node.received(event)])
    cases = service(database)
    (case,) = cases.queue()
    assert case.abandoned_at == at(500)
    assert steps(cases, case.id).count("abandoned") == 1
    (line,) = [line for line in cases.history(case.id) if line.action == "abandoned"]
    assert line.detail == {"since": at(500).isoformat(timespec="seconds")}


def test_a_filed_case_hears_of_it_too_and_keeps_the_flag_after_its_end(database: Database) -> None:
    node = Node()
    car = Problem(node, "car", end=900)
    intake, cases = Intake(database), service(database)
    intake.process([node.received(car.opened())])
    (case,) = cases.queue()
    cases.decide_file(case.id, "Li Wei", case.version)
    intake.process([node.received(car.abandoned(500)), node.received(car.closed())])
    found = cases.get(case.id)
    assert found.abandoned_at == at(500)
    assert not found.live
    assert steps(cases, case.id)[-2:] == ["abandoned", "ended"]


def test_the_flag_goes_with_the_vehicle_into_another_case(database: Database) -> None:
    """A late report of a third view shows that the vehicle belongs to the older case."""
    node = Node()
    intake, cases = Intake(database), service(database)
    first = Problem(node, "first", begin=0, end=3000, place="bay")
    later = Problem(node, "later", begin=4000, end=5000, place="kerb", box=(0.6, 0.6, 0.8, 0.8))
    moved = Problem(node, "later", begin=4000, end=5000, place="bay")
    for event in (first.opened(), later.opened(), later.abandoned(4800)):
        intake.process([node.received(event)])
    assert {case.abandoned_at for case in cases.queue()} == {None, at(4800)}
    earlier = moved.opened(after=5)
    intake.process([node.received(earlier)])
    (case,) = [case for case in cases.queue() if case.abandoned_at is not None]
    assert case.abandoned_at == at(4800)
    assert steps(cases, case.id).count("abandoned") == 1
