"""Deciding: one operator wins, the other is told; mutes; what the end of an incident does."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest

from alerts.cases import CaseNotFoundError, CaseService, Conflict, InvalidDecisionError, TransitionRefusedError
from alerts.intake import Intake
from alerts.invariants import check_invariants
from alerts.lifecycle import CaseAction, CaseState, DismissalReason, decide_transition
from alerts.storage.database import Database
from alerts.views import CaseView
from ingest.clock import ManualClock
from ingest.messages import Event
from tests.alerts.reports import START, Node, Problem, at


class Desk:
    """A centre with one node, and somebody to decide."""

    def __init__(self, database: Database) -> None:
        self.clock = ManualClock(START)
        self.cases = CaseService(database, self.clock)
        self.intake = Intake(database)
        self.node = Node()

    def take(self, *events: Event) -> None:
        self.clock.advance(1)
        self.intake.process([self.node.received(event, when=self.clock.now()) for event in events])

    def only(self) -> CaseView:
        (case,) = self.cases.queue()
        return case


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_of_two_operators_deciding_at_once_one_wins_and_the_other_is_told(desk: Desk, database: Database) -> None:
    desk.take(Problem(desk.node, "one").opened())
    case = desk.only()
    barrier = threading.Barrier(8)
    won: list[str] = []
    told: list[Conflict] = []

    def decide(name: str) -> None:
        barrier.wait()
        try:
            if int(name) % 2:
                desk.cases.decide_file(case.id, name, case.version)
            else:
                desk.cases.dismiss(case.id, name, DismissalReason.OUT_OF_SCOPE, "", case.version)
            won.append(name)
        except Conflict as conflict:
            told.append(conflict)

    threads = [threading.Thread(target=decide, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert {conflict.decided_by for conflict in told} == set(won)
    assert len(told) == 7
    assert [step.actor for step in desk.cases.history(case.id)] == ["system", won[0]]
    assert check_invariants(database) == []


def test_new_evidence_does_not_refuse_a_reviewer(desk: Desk) -> None:
    problem = Problem(desk.node, "one")
    desk.take(problem.opened())
    version = desk.only().version
    desk.take(problem.updated(60))
    assert desk.cases.decide_file(desk.only().id, "Li Na", version).state is CaseState.FILED


@pytest.mark.parametrize("state", list(CaseState))
@pytest.mark.parametrize("action", list(CaseAction))
def test_only_the_listed_transitions_exist(state: CaseState, action: CaseAction) -> None:
    allowed = {
        (CaseState.PENDING_REVIEW, CaseAction.FILE),
        (CaseState.PENDING_REVIEW, CaseAction.DISMISS),
        (CaseState.FILED, CaseAction.DISMISS),
        (CaseState.FILED, CaseAction.CLOSE),
    }
    decision = decide_transition(state, action, DismissalReason.DUPLICATE)
    assert decision.allowed is ((state, action) in allowed)
    assert decide_transition(state, CaseAction.DISMISS).allowed is False


def test_refusals_name_what_is_wrong(desk: Desk) -> None:
    desk.take(Problem(desk.node, "one").opened())
    case = desk.only()
    with pytest.raises(TransitionRefusedError, match="wrong_state"):
        desk.cases.close(case.id, "Li Na", case.version)
    for name in ("", "  ", "x" * 81, "a\nb", "system"):
        with pytest.raises(InvalidDecisionError):
            desk.cases.decide_file(case.id, name, case.version)
    with pytest.raises(CaseNotFoundError):
        desk.cases.decide_file(uuid4(), "Li Na", 1)
    assert desk.only().version == 1


def test_the_end_of_an_incident_ranks_its_case_below_live_ones_and_never_closes_it(desk: Desk) -> None:
    ended = Problem(desk.node, "newer", begin=500, end=600, place="b", box=(0.6, 0.6, 0.8, 0.8))
    desk.take(Problem(desk.node, "older").opened(), *ended.story())
    queue = desk.cases.queue()
    assert [(case.live, case.state) for case in queue] == [
        (True, CaseState.PENDING_REVIEW),
        (False, CaseState.PENDING_REVIEW),
    ]
    assert queue[1].ended_at == at(605)


def test_a_new_incident_at_the_place_brings_an_ended_case_back_to_life(desk: Desk) -> None:
    desk.take(*Problem(desk.node, "first").story())
    assert not desk.only().live
    desk.take(Problem(desk.node, "second", begin=200, end=300).opened())
    case = desk.only()
    assert case.live
    assert case.incident_count == 2
    actions = [step.action for step in desk.cases.history(case.id)]
    assert actions == ["opened", "ended", "joined", "resumed"]


def test_a_closed_case_is_followed_by_a_linked_recurrence(desk: Desk) -> None:
    desk.take(*Problem(desk.node, "first").story())
    first = desk.only()
    filed = desk.cases.decide_file(first.id, "Li Na", first.version)
    desk.cases.close(first.id, "Li Na", filed.version)
    desk.take(Problem(desk.node, "second", begin=5000, end=6000).opened())
    second = desk.only()
    assert (second.recurrence_of, second.recurrence_of_number, second.recurrence_count) == (first.id, 1, 1)
    assert desk.cases.detail(second.id).incidents[0].reason_code == "recurrence"


def test_a_late_report_from_before_a_decision_joins_the_decided_case(desk: Desk) -> None:
    problem = Problem(desk.node, "first", end=900)
    desk.take(*problem.story())
    case = desk.only()
    desk.cases.dismiss(case.id, "Li Na", DismissalReason.CONDITIONS_NOT_MET, "", case.version)
    desk.take(Problem(desk.node, "late", begin=400, end=500).opened())
    assert desk.cases.queue() == []
    assert desk.cases.get(case.id).incident_count == 2


def test_a_false_detection_is_muted_until_it_looks_different_or_the_term_is_over(desk: Desk) -> None:
    desk.take(*Problem(desk.node, "bush", end=100).story())
    case = desk.only()
    desk.cases.dismiss(case.id, "Li Na", DismissalReason.FALSE_DETECTION, "a bush", case.version)
    desk.take(Problem(desk.node, "bush-2", begin=200, end=300, place="other").opened())
    assert desk.cases.queue() == []
    (mute,) = desk.cases.mutes()
    assert (mute.applied, mute.active, mute.created_by, mute.case_number) == (1, True, "Li Na", 1)
    desk.take(Problem(desk.node, "car", begin=400, end=500, place="third", appearance=(0.0, 1.0)).opened())
    assert len(desk.cases.queue()) == 1
    desk.clock.advance(30 * 86400)
    assert desk.cases.mutes(active_only=True) == []
    desk.take(Problem(desk.node, "bush-3", begin=600, end=700, place="fourth").opened())
    assert len(desk.cases.queue()) == 2


def test_a_revoked_mute_silences_nothing_and_stays_listed(desk: Desk) -> None:
    desk.take(*Problem(desk.node, "bush").story())
    case = desk.only()
    desk.cases.dismiss(case.id, "Li Na", DismissalReason.FALSE_DETECTION, "", case.version)
    (mute,) = desk.cases.mutes()
    revoked = desk.cases.revoke_mute(mute.id, "Wang Wei")
    assert (revoked.active, revoked.revoked_by) == (False, "Wang Wei")
    assert desk.cases.revoke_mute(mute.id, "Zhao").revoked_by == "Wang Wei"
    desk.clock.advance(1)
    desk.take(Problem(desk.node, "again", begin=300, end=400).opened())
    assert len(desk.cases.queue()) == 1


@pytest.mark.parametrize("over", ["revoked", "run out"])
def test_what_still_stands_when_its_mute_is_over_becomes_a_case(desk: Desk, over: str) -> None:
    desk.take(*Problem(desk.node, "bush").story())
    case = desk.only()
    desk.cases.dismiss(case.id, "Li Na", DismissalReason.FALSE_DETECTION, "", case.version)
    (mute,) = desk.cases.mutes()
    still, gone = (Problem(desk.node, name, begin=300, end=400, place=name) for name in ("still", "gone"))
    desk.take(still.opened(), still.updated(350), gone.opened())
    assert desk.cases.queue() == []
    if over == "revoked":
        desk.cases.revoke_mute(mute.id, "Wang Wei")
    else:
        desk.clock.advance(30 * 86400)
    desk.take(gone.closed(), still.updated(500))
    (raised,) = desk.cases.queue()
    assert (raised.live, raised.since, raised.recurrence_of) == (True, at(300), case.id)
    assert desk.cases.mutes()[0].applied == 1


def test_a_node_that_changes_its_mind_about_a_place_loses_no_report(desk: Desk, database: Database) -> None:
    muddled = Problem(desk.node, "one", place="a")
    desk.take(muddled.updated(60))
    case = desk.only()
    desk.cases.decide_file(case.id, "Li Na", case.version)
    desk.take(Problem(desk.node, "two", place="b", box=(0.6, 0.6, 0.8, 0.8)).opened())
    muddled.place = "b"
    desk.take(muddled.opened())
    assert not [key for key in desk.intake.counters if key[0] == "dead_letter"]
    assert check_invariants(database) == []
