"""Sending until the centre has it: across silence, lost connections, foreign and unreadable acknowledgements."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from edge.publisher import HEARTBEAT_S, WINDOW, Publisher
from edge.spool import Draft, Spool
from ingest.clock import ManualClock
from ingest.messages import Acknowledgement, Blindness, parse_event
from ingest.topics import Channel, Topic
from tests.edge.doubles import START, FakeLink, open_spool
from tests.edge.fake_centre import ack_event
from tests.edge.test_spool import reading

NODE = Topic("xuhui", "j17", Channel.EVENT)
ACK_TOPIC = str(Topic("xuhui", "j17", Channel.ACK))
READING_TOPIC = str(Topic("xuhui", "j17", Channel.READING))
TIMEOUT_S = 15.0


class Bench:
    """A publisher between a real spool and a link the test owns."""

    def __init__(self, directory: Path) -> None:
        self.clock = ManualClock(START)
        self.link = FakeLink()
        _, self.spool = open_spool(directory, clock=self.clock)
        self.publisher = Publisher(
            self.spool,
            self.link,
            topic=NODE,
            status=lambda online: b"online" if online else b"offline",
            clock=self.clock,
            ack_timeout_s=TIMEOUT_S,
        )

    def step(self) -> list[int]:
        """One step; the sequence numbers it sent."""
        before = len(self.link.published)
        self.publisher.step(0.0)
        return [
            parse_event(payload).seq or 0
            for topic, payload, _ in self.link.published[before:]
            if topic in (str(NODE), READING_TOPIC)
        ]

    def ack(self, *seqs: int, spool: Spool | None = None) -> None:
        ack = Acknowledgement(spool_id=(spool or self.spool).spool_id, seqs=seqs)
        self.link.deliver(ACK_TOPIC, ack_event(ack))

    def statuses(self) -> list[bytes]:
        return [payload for _, payload, retain in self.link.published if retain]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_an_acknowledged_event_leaves_and_is_not_sent_again(bench: Bench) -> None:
    bench.spool.put([reading(), reading()])
    assert bench.step() == [1, 2]
    bench.ack(1, 2)
    bench.clock.advance(3600)
    assert bench.step() == []
    assert bench.spool.depth()[0] == 0


def test_nothing_is_sent_twice_before_the_time_out_and_again_after_it(bench: Bench) -> None:
    bench.spool.put([reading()])
    assert bench.step() == [1]
    bench.clock.advance(TIMEOUT_S - 1)
    assert bench.step() == []
    bench.clock.advance(2)
    assert bench.step() == [1]


def test_a_new_connection_sends_everything_unacknowledged_again(bench: Bench) -> None:
    bench.spool.put([reading(), reading()])
    assert bench.step() == [1, 2]
    bench.link.connected = False
    assert bench.step() == []
    bench.link.connected, bench.link.epoch = True, 2
    assert bench.step() == [1, 2]


def test_a_silent_centre_gets_single_probes_at_growing_intervals_and_then_all(bench: Bench) -> None:
    bench.spool.put([reading() for _ in range(10)])
    assert len(bench.step()) == 10
    sent = []
    for _ in range(300):
        bench.clock.advance(1)
        sent += bench.step()
    assert 4 <= len(sent) <= 8
    bench.ack(sent[-1])
    assert len(bench.step()) + len(bench.step()) == 9


def test_the_window_bounds_what_is_on_its_way(bench: Bench) -> None:
    bench.spool.put([reading() for _ in range(200)])
    assert len(bench.step()) == WINDOW
    assert bench.step() == []
    bench.ack(*range(1, 11))
    assert bench.step() == list(range(WINDOW + 1, WINDOW + 11))


def test_an_event_that_is_never_acknowledged_blocks_no_other(bench: Bench) -> None:
    bench.spool.put([reading() for _ in range(300)])
    done: set[int] = set()
    for _ in range(400):
        sent = bench.step()
        done |= set(sent) - {1}
        bench.ack(*(set(sent) - {1}))
        bench.clock.advance(1)
    assert done == set(range(2, 301))
    assert bench.spool.depth()[0] == 1


def test_a_full_or_lost_link_loses_nothing(bench: Bench) -> None:
    bench.spool.put([reading() for _ in range(5)])
    bench.link.accepts = 3  # one status, two events
    assert bench.step() == [1, 2]
    bench.link.accepts = 100
    assert bench.step() == [3, 4, 5]


def test_an_acknowledgement_for_a_foreign_spool_deletes_nothing(bench: Bench) -> None:
    bench.spool.put([reading()])
    bench.step()
    bench.link.deliver(ACK_TOPIC, ack_event(Acknowledgement(spool_id=uuid4(), seqs=(1,))))
    bench.step()
    assert bench.spool.depth()[0] == 1


@pytest.mark.parametrize(
    ("topic", "payload", "counter"),
    [
        (ACK_TOPIC, b"\xff\xfe", "inbound_invalid_utf8"),
        (ACK_TOPIC, b"{", "inbound_invalid_json"),
        (ACK_TOPIC, b"[" * 100_000, "inbound_invalid_json"),
        ("kerbwatch/v1/xuhui/other/ack", b"{}", "inbound_unknown_topic"),
        ("", b"{}", "inbound_unknown_topic"),
    ],
)
def test_an_unreadable_message_is_counted_and_let_go(
    bench: Bench, topic: str, payload: bytes, counter: str
) -> None:
    bench.spool.put([reading()])
    bench.link.deliver(topic, payload)
    bench.step()
    assert bench.publisher.counters[counter] == 1
    assert len(bench.link.acknowledged) == 1
    assert bench.spool.depth()[0] == 1


def test_an_acknowledgement_the_disk_refuses_does_not_use_up_the_broker(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.spool.put([reading()])
    bench.step()
    with monkeypatch.context() as patch:
        patch.setattr(bench.spool, "acknowledge", full_disk)
        bench.ack(1)
        with pytest.raises(sqlite3.OperationalError):
            bench.step()
    assert len(bench.link.acknowledged) == 1
    bench.clock.advance(TIMEOUT_S)
    assert bench.step() == [1]
    bench.ack(1)
    bench.step()
    assert bench.spool.depth()[0] == 0


def full_disk(_ack: Acknowledgement) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def test_birth_comes_with_every_connection_and_a_heartbeat_keeps_it(bench: Bench) -> None:
    bench.step()
    assert bench.statuses() == [b"online"]
    bench.clock.advance(HEARTBEAT_S - 1)
    bench.step()
    assert len(bench.statuses()) == 1
    bench.clock.advance(1)
    bench.step()
    assert len(bench.statuses()) == 2
    bench.link.epoch = 2
    bench.step()
    assert len(bench.statuses()) == 3
    bench.publisher.stop()
    assert bench.statuses()[-1] == b"offline"


def test_readings_travel_on_their_own_channel_and_all_else_on_that_of_events(bench: Bench) -> None:
    blind = Blindness(camera="c", zone="z", state="began", reason_code="dark", since=START)
    bench.spool.put([reading(), Draft(blind, "/xuhui/j17/c", START)])
    assert bench.step() == [1, 2]
    sent = [topic for topic, _, retain in bench.link.published if not retain]
    assert sent == [READING_TOPIC, str(NODE)]
