"""A sensor's alarms at the centre: same sensor and rule, same place; nothing else is, however near."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from alerts.cases import CaseService
from alerts.inbound import OutcomeKind, Received
from alerts.intake import Intake
from alerts.lifecycle import CaseState, DismissalReason
from alerts.storage.database import Database
from alerts.storage.tables import IncidentRow
from alerts.views import CaseView
from detectors.sensors.decisions import Alarm, AlarmEnded, AlarmOpened, AlarmReason, Condition, EndReason
from detectors.sensors.settings import place_of
from edge.sensors.translate import SensorView, to_draft
from edge.spool import Draft
from ingest.clock import ManualClock
from ingest.messages import Evidence, Position, source_of
from ingest.sensors.quantities import Quantity
from ingest.taxonomy import Category
from ingest.topics import Channel, Topic
from tests.alerts.reports import START, Node, at, name_id

POLE = Position(latitude=31.2, longitude=121.4, uncertainty_m=2.0)


def alarm(sensor: str, rule: str, begin: float, until: float) -> tuple[Alarm, SensorView]:
    view = SensorView(sensor, source_of("xuhui", "junction-17", sensor), Quantity.NOISE, POLE)
    told = Alarm(
        incident_id=name_id(f"{sensor}/{rule}/{begin}"),
        place_id=place_of("xuhui", "junction-17", sensor, rule),
        rule=rule,
        condition=Condition.ABOVE,
        limit=55.0,
        value=70.0,
        extreme=72.0,
        first_seen=at(begin),
        last_seen=at(until),
        observed_s=until - begin,
        bridged_s=0.0,
        threshold_s=30.0,
    )
    return told, view


def opened(node: Node, sensor: str, rule: str, begin: float) -> Received:
    told, view = alarm(sensor, rule, begin, begin + 30)
    return sent(node, to_draft(AlarmOpened(at(begin + 30), told, AlarmReason.ABOVE_LIMIT), view, Evidence()))


def ended(node: Node, sensor: str, rule: str, begin: float, end: float) -> Received:
    told, view = alarm(sensor, rule, begin, end)
    return sent(node, to_draft(AlarmEnded(at(end), told, EndReason.BACK_WITHIN_LIMIT), view, Evidence()))


def sent(node: Node, draft: Draft) -> Received:
    event = node.event(draft.data, draft.at).model_copy(update={"source": draft.source})
    return Received(str(Topic(node.site, node.name, Channel.EVENT)), event.to_json(), 1, START)


class Centre:
    """Intake and cases over one database; time for decisions is a day after the start."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.intake = Intake(database)
        self.service = CaseService(database, ManualClock(START + timedelta(hours=1)))

    def take(self, *messages: Received) -> None:
        outcomes = self.intake.process(messages)
        assert {outcome.kind for outcome in outcomes} <= {OutcomeKind.STORED, OutcomeKind.DUPLICATE}, outcomes

    @property
    def cases(self) -> list[CaseView]:
        return list(self.service.list_cases().cases)


@pytest.fixture
def centre(database: Database) -> Centre:
    return Centre(database)


def test_an_alarm_is_a_case_that_says_what_was_measured(centre: Centre) -> None:
    node = Node()
    centre.take(opened(node, "noise-1", "night", 0), ended(node, "noise-1", "night", 0, 300))
    (case,) = centre.cases
    assert (case.category, case.camera, case.zone) == (Category.SENSOR_ALARM, "noise-1", "night")
    assert case.why.startswith("noise 70 dB(A), above 55 dB(A)")
    assert case.ended_at == at(300)
    assert case.state is CaseState.PENDING_REVIEW


def test_two_rules_of_a_sensor_and_two_sensors_on_a_pole_are_cases_of_their_own(centre: Centre) -> None:
    node = Node()
    centre.take(
        opened(node, "noise-1", "night", 0),
        opened(node, "noise-1", "missing-data", 5),
        opened(node, "pm-1", "night", 10),
    )
    assert len(centre.cases) == 3


def test_the_same_rule_again_belongs_to_its_open_case_in_any_order_of_arrival(tmp_path: Any) -> None:
    node = Node()
    messages = [
        opened(node, "noise-1", "night", 0),
        ended(node, "noise-1", "night", 0, 100),
        opened(node, "noise-1", "night", 50_000),
    ]
    for number, order in enumerate(permutations(messages)):
        database = Database(f"sqlite:///{tmp_path / f'{number}.db'}")
        centre = Centre(database)
        for message in order:
            centre.take(message)
        (case,) = centre.cases
        assert (case.incident_count, case.ended_at) == (2, None)
        database.close()


def test_after_a_decision_it_recurs(centre: Centre) -> None:
    node = Node()
    centre.take(opened(node, "noise-1", "night", 0), ended(node, "noise-1", "night", 0, 100))
    (first,) = centre.cases
    centre.service.dismiss(first.id, "wang", DismissalReason.CONDITIONS_NOT_MET, "", first.version)
    centre.take(opened(node, "noise-1", "night", 5000))
    again = next(case for case in centre.cases if case.id != first.id)
    assert (again.recurrence_of, again.recurrence_count) == (first.id, 1)


def test_a_false_alarm_mutes_its_rule_and_no_other_of_the_sensor(centre: Centre) -> None:
    node = Node()
    centre.take(opened(node, "noise-1", "night", 0), ended(node, "noise-1", "night", 0, 100))
    (first,) = centre.cases
    centre.service.dismiss(first.id, "wang", DismissalReason.FALSE_DETECTION, "", first.version)
    later = START + timedelta(hours=2)
    for rule in ("night", "day"):
        message = opened(node, "noise-1", rule, 7200)
        centre.take(Received(message.topic, message.payload, 1, later))
    fresh = [case for case in centre.cases if case.id != first.id]
    assert [case.zone for case in fresh] == ["day"]
    with centre.database.read() as session:
        muted = session.get_one(IncidentRow, name_id("noise-1/night/7200"))
        assert muted.muted_by is not None
