"""The spool's promises, one by one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from edge.database import DatabaseError, open_database
from edge.spool import Draft, Spool, SpoolLimits, pending_events, raised_events
from ingest.clock import ManualClock
from ingest.messages import (
    Acknowledgement,
    Blindness,
    Data,
    Eviction,
    Reading,
    Rejection,
    parse_event,
)
from ingest.signing import public_key_of, verify
from tests.edge.doubles import BOOT, KEY, START, open_spool


def reading(value: float = 1.0) -> Draft:
    data = Reading(sensor="s1", quantity="pm25", unit="ug/m3", value=value, at=START)
    return Draft(data, "/xuhui/j17", START)


def blindness() -> Draft:
    data = Blindness(camera="north", zone="east", state="began", reason_code="dark", since=START)
    return Draft(data, "/xuhui/j17/north", START)


def waiting(spool: Spool) -> list[Data]:
    return [parse_event(event.payload).data for event in spool.after(0, 1000)]


def test_an_event_is_complete_signed_and_the_same_at_every_resend(tmp_path: Path) -> None:
    _, spool = open_spool(tmp_path)
    assert spool.put([reading()]) == [1]
    first, again = spool.after(0, 1)[0].payload, spool.after(0, 1)[0].payload
    assert first == again
    event = parse_event(first)
    assert (event.spoolid, event.seq, event.bootid) == (spool.spool_id, 1, BOOT)
    assert event.signature is not None
    assert verify(first, event.signature, public_key_of(KEY))


def test_only_an_acknowledgement_of_this_spool_frees_an_event(tmp_path: Path) -> None:
    _, spool = open_spool(tmp_path)
    spool.put([reading(), reading(), reading()])
    settled = spool.acknowledge(Acknowledgement(spool_id=uuid4(), seqs=(1, 2, 3)))
    assert (settled.acknowledged, spool.depth()[0]) == (0, 3)
    settled = spool.acknowledge(
        Acknowledgement(
            spool_id=spool.spool_id, seqs=(1, 99), rejected=(Rejection(seq=2, reason="invalid_fields"),)
        )
    )
    assert (settled.acknowledged, settled.rejected) == (1, 1)
    assert [event.seq for event in spool.after(0, 10)] == [3]
    assert spool.counters()["foreign_acks"] == 1
    assert spool.counters()["acknowledged_total"] == 1
    assert spool.counters()["rejected_total"] == 1


def test_an_event_over_the_limit_is_refused_counted_and_harms_no_other(tmp_path: Path) -> None:
    _, spool = open_spool(tmp_path, limits=SpoolLimits(event_bytes=700))
    big = Draft(Reading(sensor="s", quantity="q", unit="x" * 20, value=1.0, at=START), "/xuhui/j17", START)
    small_limit = SpoolLimits(event_bytes=300)
    database, tight = open_spool(tmp_path / "tight", limits=small_limit)
    assert tight.put([big]) == [None]
    assert tight.counters()["refused_too_large"] == 1
    assert tight.depth() == (0, 0)
    assert raised_events(database) == []
    assert spool.put([reading()]) == [1]


def test_sequence_numbers_are_never_used_twice(tmp_path: Path) -> None:
    database, spool = open_spool(tmp_path)
    spool.put([reading(), reading()])
    spool.acknowledge(Acknowledgement(spool_id=spool.spool_id, seqs=(1, 2)))
    database.close()
    database, spool = open_spool(tmp_path)
    assert spool.put([reading()]) == [3]
    database.close()


def test_a_rolled_back_look_leaves_nothing(tmp_path: Path) -> None:
    database, spool = open_spool(tmp_path)

    def failing_look() -> None:
        with database.transaction() as connection:
            spool.append(connection, reading())
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        failing_look()
    assert spool.depth() == (0, 0)
    assert spool.counters() == {}
    assert raised_events(database) == []


def test_the_quota_evicts_the_least_first_and_says_so(tmp_path: Path) -> None:
    _, spool = open_spool(tmp_path, limits=SpoolLimits(rows=4))
    spool.put([blindness(), reading(), reading(), blindness(), blindness(), blindness()])
    kinds = [type(data) for data in waiting(spool)]
    assert kinds.count(Reading) == 0
    assert kinds.count(Blindness) == 3
    assert spool.depth()[0] <= 5
    assert spool.counters()["evicted_total"] == 3
    assert reported(spool) + not_yet_reported(spool) == 3
    last = spool.after(0, 100)[-1]
    spool.acknowledge(Acknowledgement(spool_id=spool.spool_id, seqs=tuple(e.seq for e in spool.after(0, 100))))
    # The rest is reported as soon as the first report has left.
    assert [data.count for data in waiting(spool) if isinstance(data, Eviction)] == [2]
    assert spool.after(0, 100)[0].seq > last.seq


def reported(spool: Spool) -> int:
    return sum(data.count for data in waiting(spool) if isinstance(data, Eviction))


def not_yet_reported(spool: Spool) -> int:
    with spool._database.reading() as connection:  # the table between counting and reporting
        return int(connection.execute("SELECT coalesce(sum(count), 0) FROM evicted").fetchone()[0])


def test_the_byte_quota_holds(tmp_path: Path) -> None:
    _, spool = open_spool(tmp_path, limits=SpoolLimits(total_bytes=5_000))
    for _ in range(50):
        spool.put([reading()])
    events, size = spool.depth()
    assert size <= 5_000 + 1_000
    assert events < 50
    assert spool.counters()["evicted_total"] >= 40


@pytest.mark.parametrize("damage", ["garbage", "truncated", "middle"])
def test_a_damaged_database_is_moved_aside_reported_and_the_node_starts(tmp_path: Path, damage: str) -> None:
    database, spool = open_spool(tmp_path)
    old = spool.spool_id
    spool.put([reading() for _ in range(200)])
    database.close()
    path = tmp_path / "node.db"
    content = bytearray(path.read_bytes())
    if damage == "garbage":
        content = bytearray(b"\x00\xff" * 4000)
    elif damage == "truncated":
        content = content[: len(content) // 2]
    else:
        content[4096 * 3 : 4096 * 8] = b"\xa5" * (4096 * 5)
    path.write_bytes(bytes(content))
    database, spool = open_spool(tmp_path)
    assert spool.spool_id != old
    assert spool.counters()["spool_damaged"] == 1
    assert len(list(tmp_path.glob("node.db.damaged-*"))) >= 1
    assert spool.put([reading()])[0] is not None
    for data in waiting(spool):
        assert not isinstance(data, Eviction) or data.evicted_spool_id == old
    database.close()


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "node.db")
    connection.execute("PRAGMA user_version=99")
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    before = (tmp_path / "node.db").read_bytes()
    with pytest.raises(DatabaseError, match="version 99"):
        open_database(tmp_path / "node.db", now=START)
    assert (tmp_path / "node.db").read_bytes()[:100] == before[:100]


def test_raised_and_pending_tell_identities(tmp_path: Path) -> None:
    database, spool = open_spool(tmp_path, clock=ManualClock(START))
    spool.put([reading(), blindness()])
    spool.acknowledge(Acknowledgement(spool_id=spool.spool_id, seqs=(1,)))
    raised, pending = raised_events(database), pending_events(database)
    assert [source for source, _ in raised] == ["/xuhui/j17", "/xuhui/j17/north"]
    assert pending == raised[1:]
    assert all(UUID(event_id).version == 7 for _, event_id in raised)
