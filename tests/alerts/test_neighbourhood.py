"""What lies near an incident is found, however many places there are."""

from __future__ import annotations

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from alerts.correlation import CorrelationPolicy
from alerts.geometry import ground_distance_m
from alerts.intake import Intake
from alerts.neighbourhood import Area, candidates_in, cell_of, reach_of, undecided_around, undecided_in
from alerts.storage.database import Database
from ingest.messages import Position
from ingest.taxonomy import Category
from tests.alerts.reports import START, Node, Problem, name_id

REACH_M = 70.0


def test_more_places_than_one_statement_can_name_are_still_asked_for(database: Database) -> None:
    node = Node()
    at_home = Position(latitude=31.2, longitude=121.4, uncertainty_m=3.0)
    Intake(database).process([node.received(Problem(node, "one", position=at_home).opened())])
    area = Area(Category.PARKED_VEHICLE, REACH_M)
    for number in range(1500):
        area.cover(f"s/n/c{number}", 40.0 + number * 0.01, 100.0)
    area.cover("s/n/last", 31.2002, 121.4)
    with database.read() as session:
        assert set(undecided_in(session, area)) == {name_id("one")}
        assert set(undecided_around(session, area)) == {name_id("one")}
        (candidate,) = candidates_in(session, area, since=START, without=(), policy=CorrelationPolicy())
    assert candidate.anchor.incident_id == name_id("one")


@given(st.floats(-89, 89), st.floats(-179, 179), st.floats(0, 2 * math.pi), st.floats(0, 0.99 * REACH_M))
def test_nothing_within_reach_is_missed(latitude: float, longitude: float, bearing: float, metres: float) -> None:
    north = metres * math.cos(bearing) / 111_195
    east = metres * math.sin(bearing) / 111_195 / math.cos(math.radians(latitude))
    there = latitude + north, longitude + east
    assume(ground_distance_m(latitude, longitude, *there) <= REACH_M)
    low, high, left, right = reach_of(cell_of(latitude, longitude), REACH_M)
    assert low <= there[0] <= high
    assert left <= there[1] <= right
