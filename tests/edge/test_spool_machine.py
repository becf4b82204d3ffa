"""The spool against any order of spooling, acknowledging, evicting, crashing and losing power.

Model: every event ever spooled and committed is waiting, acknowledged, rejected, or evicted and counted. A crash
(the process dies without closing, files copied as they are on disk) loses nothing that was committed.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from edge.spool import Draft, SpoolLimits, raised_events
from ingest.messages import Acknowledgement, Blindness, Eviction, Reading, Rejection, parse_event
from tests.edge.doubles import OPENED, START, open_spool

LIMITS = SpoolLimits(rows=8, total_bytes=6_000)


def draft(kind: str) -> Draft:
    if kind == "reading":
        return Draft(Reading(sensor="s", quantity="q", unit="u", value=1.0, at=START), "/xuhui/j17", START)
    data = Blindness(camera="c", zone="z", state="began", reason_code="dark", since=START)
    return Draft(data, "/xuhui/j17/c", START)


class SpoolMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.copies = 0
        self.database, self.spool = open_spool(self.folder, limits=LIMITS)
        self.committed: set[int] = set()
        self.settled: set[int] = set()
        self.reported_before: int = 0

    def waiting(self) -> list[int]:
        return [event.seq for event in self.spool.after(0, 1000)]

    @rule(kinds=st.lists(st.sampled_from(["reading", "blindness"]), max_size=6))
    def spool_some(self, kinds: list[str]) -> None:
        for seq in self.spool.put([draft(kind) for kind in kinds]):
            assert seq is not None
            assert seq not in self.committed
            self.committed.add(seq)

    @rule(kinds=st.lists(st.sampled_from(["reading", "blindness"]), min_size=1, max_size=3))
    def fail_while_spooling(self, kinds: list[str]) -> None:
        try:
            with self.database.transaction() as connection:
                for kind in kinds:
                    self.spool.append(connection, draft(kind))
                raise sqlite3.OperationalError("disk full")
        except sqlite3.OperationalError:
            pass

    @rule(data=st.data(), reject=st.booleans())
    def acknowledge_some(self, data: st.DataObject, reject: bool) -> None:
        among = [*self.waiting(), 0x7FFF]
        seqs = data.draw(st.lists(st.sampled_from(among), unique=True, max_size=5))
        for seq in seqs:
            self._count_if_report(seq)
        own = self.spool.spool_id
        ack = (
            Acknowledgement(spool_id=own, seqs=(), rejected=tuple(Rejection(seq=s, reason="x") for s in seqs))
            if reject
            else Acknowledgement(spool_id=own, seqs=tuple(seqs))
        )
        self.spool.acknowledge(ack)
        self.settled |= set(seqs)

    @precondition(lambda self: self.copies < 6)
    @rule()
    def lose_power(self) -> None:
        """What is on disk now is what the next start sees; the old process never closes its files."""
        self.copies += 1
        target = self.folder.parent / f"{self.folder.name}-{self.copies}"
        shutil.copytree(self.folder, target)
        self.folder = target
        spool_id = self.spool.spool_id
        self.database, self.spool = open_spool(target, limits=LIMITS)
        assert self.spool.spool_id == spool_id

    @invariant()
    def every_event_is_somewhere(self) -> None:
        waiting = set(self.waiting())
        assert not waiting & self.settled
        gone = self.committed - waiting - self.settled
        counters = self.spool.counters()
        assert counters.get("evicted_total", 0) == len(gone)
        assert self._reported() + self._not_yet_reported() == len(gone)
        assert len(raised_events(self.database)) == counters.get("spooled_total", 0)

    @invariant()
    def sizes_are_true_and_within_the_quota(self) -> None:
        events = self.spool.after(0, 1000)
        assert self.spool.depth() == (len(events), sum(len(event.payload) for event in events))
        assert len(events) <= LIMITS.rows + 1

    def teardown(self) -> None:
        while OPENED:
            OPENED.pop().close()
        for path in self.folder.parent.glob(f"{self.folder.name.split('-')[0]}*"):
            shutil.rmtree(path, ignore_errors=True)

    # -- eviction reports, waiting or already settled ----------------------------------------------

    def _count_if_report(self, seq: int) -> None:
        for event in self.spool.after(seq - 1, 1):
            data = parse_event(event.payload).data
            if event.seq == seq and isinstance(data, Eviction):
                self.reported_before += data.count

    def _reported(self) -> int:
        events = [parse_event(event.payload).data for event in self.spool.after(0, 1000)]
        return self.reported_before + sum(data.count for data in events if isinstance(data, Eviction))

    def _not_yet_reported(self) -> int:
        with self.database.reading() as connection:
            return int(connection.execute("SELECT coalesce(sum(count), 0) FROM evicted").fetchone()[0])


TestSpoolMachine = SpoolMachine.TestCase
TestSpoolMachine.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
