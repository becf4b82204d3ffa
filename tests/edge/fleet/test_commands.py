"""A command has one effect and one result, however often it comes and wherever the power is cut."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from edge.errands import Brought
from edge.fleet.commands import Commands, decide
from edge.fleet.store import MOST_COMMANDS, FleetStore
from edge.pictures import PictureStore
from edge.spool import Spool
from ingest.clock import ManualClock
from ingest.fleet import MAX_LOG_LINE, MAX_LOG_LINES, CommandKind, CommandResult, NodeCommand
from ingest.log_ring import LogRing
from ingest.messages import MAX_MESSAGE_BYTES, parse_event
from tests.edge.doubles import BOOT, KEY, OPENED, START, open_spool
from tests.edge.fleet.bench import CutAt, FakeHost, PowerCut, command, two_cameras


class Bench:
    def __init__(self, directory: Path, cut: CutAt | None = None) -> None:
        self.directory = directory
        self.clock = ManualClock(START)
        self.cut = cut or CutAt()
        self.trusted = True
        self.ring = LogRing()
        self.boot()

    def boot(self) -> None:
        while OPENED:
            OPENED.pop().close()
        database, _ = open_spool(self.directory / "data", clock=self.clock)
        self.spool = Spool(database, key=KEY, boot_id=BOOT, source="/xuhui/j17", clock=self.clock)
        self.host = FakeHost(two_cameras(self.directory), self.clock)
        self.commands = Commands(
            self.host,
            FleetStore(database),
            spool=self.spool,
            pictures=PictureStore(database, self.directory / "data" / "evidence"),
            database=database,
            log_ring=self.ring,
            clock=self.clock,
            trusted=lambda: self.trusted,
            source="/xuhui/j17",
            failpoint=self.cut,
        )

    def results(self) -> list[CommandResult]:
        data = [parse_event(event.payload).data for event in self.spool.after(0, 5000)]
        return [record for record in data if isinstance(record, CommandResult)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_command_that_comes_five_times_has_one_effect_and_one_result(bench: Bench) -> None:
    order = command(CommandKind.LOOK_AGAIN)
    for _ in range(5):
        bench.commands.take(order)
        bench.commands.step()
    assert [(result.command_id, result.outcome) for result in bench.results()] == [(order.command_id, "done")]
    assert [errand.camera for errand in bench.host.errands] == ["north", "south"]
    assert bench.commands.counters["commands_known"] == 4


@pytest.mark.parametrize("step", ["command_begun", "command_carried_out", "command_settled"])
@pytest.mark.parametrize("kind", list(CommandKind))
def test_a_power_cut_anywhere_in_a_command_leaves_one_result(tmp_path: Path, step: str, kind: CommandKind) -> None:
    bench = Bench(tmp_path, CutAt(step))
    order = command(kind)
    bench.commands.take(order)
    with pytest.raises(PowerCut):
        bench.commands.step()
    bench.boot()
    bench.commands.take(order)
    bench.commands.step()
    bench.commands.step()
    assert [result.command_id for result in bench.results()] == [order.command_id]


def test_a_command_taken_before_the_power_cut_is_carried_out_after_it(bench: Bench) -> None:
    bench.commands.take(command(CommandKind.COLLECT_LOG))
    bench.boot()
    bench.commands.step()
    assert len(bench.results()) == 1


def test_a_late_command_is_told_as_expired_and_has_no_effect(bench: Bench) -> None:
    bench.commands.take(command(CommandKind.SNAPSHOT, valid_s=60))
    bench.clock.advance(61)
    bench.commands.step()
    assert [(result.outcome, result.reason_code) for result in bench.results()] == [("expired", "too_late")]
    assert bench.host.errands == []


def test_while_nobody_knows_the_time_commands_wait(bench: Bench) -> None:
    bench.trusted = False
    bench.commands.take(command(CommandKind.LOOK_AGAIN))
    bench.commands.step()
    assert bench.results() == []
    bench.trusted = True
    bench.commands.step()
    assert [result.outcome for result in bench.results()] == ["done"]


def test_a_camera_that_is_not_there_or_cannot_look_is_told(bench: Bench) -> None:
    bench.commands.take(command(CommandKind.LOOK_AGAIN, camera="west"))
    bench.commands.step()
    bench.host.answer = Brought("offline", "connection_refused: nothing there")
    bench.commands.take(command(CommandKind.SNAPSHOT, camera="north"))
    bench.commands.step()
    told = [(result.outcome, result.reason_code) for result in bench.results()]
    assert told == [("failed", "no_such_camera"), ("failed", "offline")]
    assert "north: offline" in bench.results()[1].detail


def test_a_collected_log_is_bounded_and_holds_no_credentials(bench: Bench) -> None:
    bench.ring(None, "info", {"event": "old"})
    for number in range(2 * MAX_LOG_LINES):
        bench.ring(None, "info", {"event": f"{number} " + "长" * MAX_LOG_LINE})
    bench.ring(None, "info", {"event": "rtsp://admin:geheim@10.0.0.7/main?token=geheim", "password": "geheim"})
    bench.commands.take(command(CommandKind.COLLECT_LOG))
    bench.commands.step()
    payload = bench.spool.after(0, 1)[0].payload
    (result,) = bench.results()
    assert b"geheim" not in payload
    assert len(payload) < MAX_MESSAGE_BYTES
    assert 0 < len(result.log) <= MAX_LOG_LINES
    assert "rtsp://***@10.0.0.7" in result.log[-1]
    assert max(map(len, result.log)) <= MAX_LOG_LINE


def test_identities_are_forgotten_only_when_the_command_would_be_late_anyhow(bench: Bench) -> None:
    order = command(CommandKind.LOOK_AGAIN, valid_s=60)
    bench.commands.take(order)
    bench.commands.step()
    bench.clock.advance(timedelta(days=2).total_seconds())
    bench.commands.step()
    bench.commands.take(order)
    bench.commands.step()
    assert [result.outcome for result in bench.results()] == ["done", "expired"]
    assert len(bench.host.errands) == 2


def test_a_flood_of_commands_is_bounded(bench: Bench) -> None:
    bench.trusted = False
    for _ in range(MOST_COMMANDS + 5):
        bench.commands.take(command(CommandKind.LOOK_AGAIN))
    assert bench.commands.counters["commands_too_many"] == 5


def test_what_is_done_with_a_command_depends_on_its_end_and_on_the_clock() -> None:
    order: NodeCommand = command(CommandKind.LOOK_AGAIN, valid_s=60)
    assert decide(order.not_after, order.not_after, trusted=True) == "run"
    assert decide(order.not_after, order.not_after + timedelta(milliseconds=1), trusted=True) == "expired"
    assert decide(order.not_after, START, trusted=False) == "wait"
