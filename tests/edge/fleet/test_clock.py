"""A clock is believed when somebody has said what time it is, and only then; steps of it do no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.fleet.clock import MOST_ROUND_TRIP_S, Anchor, NodeClock, anchor_of, judge
from edge.fleet.kernel_time import is_synchronised, kernel_synchronised
from ingest.clock import ManualClock, uuid7
from ingest.fleet import ClockSource
from ingest.messages import Event, IncidentClosed, NodeStatus, schema_urn
from ingest.time_shift import shift_ms, shifted, zero_of
from tests.edge.doubles import BOOT, START

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Kernel:
    """Says what the test says."""

    synchronised = False

    def __call__(self) -> bool:
        return self.synchronised


def clocks(start: datetime = EPOCH) -> tuple[ManualClock, NodeClock, Kernel]:
    system, kernel = ManualClock(start), Kernel()
    return system, NodeClock(system, kernel=kernel), kernel


def ask(system: ManualClock, clock: NodeClock, centre: datetime, *, round_trip_s: float = 0.2) -> bool:
    about = uuid4()
    clock.asked(about)
    system.advance(round_trip_s)
    return clock.answered(about, centre)


def test_a_node_in_1970_is_not_believed_until_the_centre_answers_and_then_goes_by_its_time() -> None:
    system, clock, _ = clocks()
    assert (clock.source, clock.trusted, clock.offset_ms, clock.wants_time()) == (
        ClockSource.UNKNOWN,
        False,
        None,
        True,
    )
    assert clock.stamp().trusted is False
    assert ask(system, clock, START)
    assert clock.source is ClockSource.CENTRE
    assert abs(clock.now() - START) <= timedelta(seconds=0.2)
    system.advance(60)
    assert abs(clock.now() - START - timedelta(seconds=60)) <= timedelta(seconds=0.2)
    assert clock.stamp().trusted is True


@pytest.mark.parametrize("to", [START + HOUR, START - HOUR, EPOCH])
def test_a_clock_that_is_set_wrong_does_not_move_times_that_go_by_the_centre(to: datetime) -> None:
    system, clock, _ = clocks(START)
    ask(system, clock, START)
    before = clock.now()
    system.step(to)
    assert clock.now() == before
    assert clock.offset_ms is not None
    assert abs(clock.offset_ms - (before - to) / timedelta(milliseconds=1)) <= 200


@pytest.mark.parametrize("to", [START + HOUR, START - HOUR, EPOCH])
def test_a_kernel_that_was_set_by_hand_says_so_and_is_not_believed_any_more(to: datetime) -> None:
    system, clock, kernel = clocks(START)
    kernel.synchronised = True
    assert clock.source is ClockSource.KERNEL
    system.step(to)  # settimeofday clears the kernel's flag
    kernel.synchronised = False
    system.advance(5)
    assert clock.source is ClockSource.UNKNOWN
    assert clock.stamp().trusted is False


def test_an_answer_to_another_question_or_one_that_took_long_says_nothing() -> None:
    system, clock, _ = clocks()
    clock.asked(uuid4())
    assert not clock.answered(uuid4(), START)
    assert not ask(system, clock, START, round_trip_s=MOST_ROUND_TRIP_S + 1)
    assert not clock.trusted


@given(st.floats(0, MOST_ROUND_TRIP_S), st.floats(0, 1), st.floats(0, 1e6))
def test_an_anchor_is_never_off_by_more_than_it_says(round_trip_s: float, share: float, asked_s: float) -> None:
    """The centre wrote its time at any moment of the round trip."""
    true_at = lambda steady_s: START + timedelta(seconds=steady_s)  # noqa: E731
    anchor = anchor_of(asked_s, asked_s + round_trip_s, true_at(asked_s + share * round_trip_s))
    assert anchor is not None
    off = abs((anchor.at(asked_s + 1) - true_at(asked_s + 1)).total_seconds())
    assert off <= anchor.error_s + 1e-5


def test_the_kernel_is_preferred_and_an_old_anchor_is_not_believed() -> None:
    anchor = Anchor(START, 0.0, 0.1)
    assert judge(True, None, 0) is ClockSource.KERNEL
    assert judge(False, anchor, 3600) is ClockSource.CENTRE
    assert judge(False, anchor, 30 * 86400) is ClockSource.UNKNOWN


def test_the_kernels_answer_is_read_as_the_manual_says() -> None:
    assert is_synchronised(0, 0x2001)
    assert not is_synchronised(5, 0)
    assert not is_synchronised(0, 0x40)
    assert kernel_synchronised() in (True, False)


def status(clock: NodeClock, at: datetime, **changes: object) -> Event:
    stamp = clock.stamp()
    return Event(
        id=uuid7(at),
        source="/xuhui/j17",
        type=NodeStatus.TYPE,
        time=at,
        dataschema=schema_urn(NodeStatus),
        bootid=BOOT,
        clocktrusted=stamp.trusted,
        monotonicms=stamp.monotonic_ms,
        data=NodeStatus(state="online", software="x"),
    ).model_copy(update=changes)


@pytest.mark.parametrize("start", [EPOCH, START + HOUR, START - HOUR])
def test_times_written_before_the_time_was_known_are_put_right_to_the_second(start: datetime) -> None:
    system, clock, _ = clocks(start)
    truly = START
    system.advance(100)
    early = closed_event(clock, clock.now())
    system.advance(500)
    ask(system, clock, truly + timedelta(seconds=600.2))
    zero = zero_of(status(clock, clock.now()))
    shift = shift_ms(early, zero)
    put_right = shifted(early, shift)
    assert abs(put_right.time - truly - timedelta(seconds=100)) <= timedelta(seconds=1)
    assert isinstance(put_right.data, IncidentClosed)
    assert put_right.data.ended_at - put_right.time == early.data.ended_at - early.time  # type: ignore[union-attr]
    assert put_right.data.last_seen - put_right.data.first_seen == timedelta(seconds=30)


def test_a_trusted_event_and_one_without_anchor_keep_their_times() -> None:
    _, clock, _ = clocks(START)
    event = closed_event(clock, START)
    assert shift_ms(event, None) == 0
    assert shift_ms(event.model_copy(update={"clocktrusted": True}), 5) == 0
    assert shift_ms(event.model_copy(update={"clocktrusted": None}), 5) == 0
    assert shifted(event, 0) is event
    assert zero_of(status(clock, START)) is None, "an untrusted status says nothing about the time"


def closed_event(clock: NodeClock, at: datetime) -> Event:
    stamp = clock.stamp()
    data = IncidentClosed.model_validate(
        {
            "incident_id": BOOT,
            "place_id": BOOT,
            "camera": "north",
            "zone": "east",
            "category": "parked_vehicle",
            "object_class": "vehicle",
            "box": (0.1, 0.1, 0.2, 0.2),
            "first_seen": at - timedelta(seconds=30),
            "last_seen": at,
            "dwell": {"observed_s": 30.0, "threshold_s": 20.0},
            "ended_at": at,
            "reason_code": "gone",
        },
        strict=False,
    )
    return Event(
        id=uuid7(START),
        source="/xuhui/j17/north",
        type=IncidentClosed.TYPE,
        time=at,
        dataschema=schema_urn(IncidentClosed),
        bootid=BOOT,
        spoolid=BOOT,
        seq=1,
        observedtime=at,
        clocktrusted=stamp.trusted,
        monotonicms=stamp.monotonic_ms,
        data=data,
    )
