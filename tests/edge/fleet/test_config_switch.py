"""A configuration from afar is checked whole, tried, and taken back when cameras stop looking; through power cuts."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.fleet.config_state import ConfigState
from edge.fleet.config_switch import NAME, ConfigSwitch, config_at_start
from edge.fleet.overlay import CAMERA_KEYS, OverlayRefused, effective, fingerprint, settable
from ingest.clock import ManualClock
from tests.edge.doubles import OPENED, START, folder_camera
from tests.edge.fleet.bench import CutAt, FakeHost, PowerCut, checked, desired, interval, store_in, two_cameras

SENSOR = """
[[sensor]]
name = "tide"
quantity = "water_level"
http = { url = "http://127.0.0.1:9/x" }
[[sensor.rule]]
name = "high"
above = 2.0
"""


class Bench:
    """A node that can lose its power: everything but its disk is made anew."""

    def __init__(self, directory: Path, cut: CutAt | None = None) -> None:
        self.directory = directory
        self.clock = ManualClock(START)
        self.file = two_cameras(directory)
        self.cut = cut or CutAt()
        self.broken: set[float] = set()
        self.boot()

    def boot(self) -> None:
        while OPENED:
            OPENED.pop().close()
        self.store = store_in(self.directory)
        self.host = FakeHost(config_at_start(self.file, self.store), self.clock)
        self.host.break_on = self.broken
        self.switch = ConfigSwitch(
            self.host, self.file, self.store, self.clock, changed=lambda: None, failpoint=self.cut
        )

    def settle(self, steps: int = 30) -> None:
        """Cameras look and probation is judged until it is over."""
        for _ in range(steps):
            self.host.look()
            self.switch.step()
            if self.switch.state.trial is None:
                return

    def intervals(self) -> set[float]:
        return {camera.look_interval_s for camera in self.host.config.cameras}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.host.look(5)
    return bench


def test_a_good_configuration_is_applied_once_every_camera_has_looked_again(bench: Bench) -> None:
    bench.switch.desire(desired(1, interval(2.0)))
    assert bench.switch.state.report().state == "probation"
    bench.switch.step()
    assert bench.switch.state.report().state == "probation", "nobody has looked yet"
    bench.settle()
    report = bench.switch.state.report()
    assert (report.state, report.running_revision, bench.intervals()) == ("applied", 1, {2.0})


def test_cameras_that_no_longer_look_bring_the_old_configuration_back_with_the_reason(bench: Bench) -> None:
    bench.broken.add(3.0)
    bench.switch.desire(desired(1, interval(3.0, "north")))
    bench.settle()
    report = bench.switch.state.report()
    assert (report.state, report.reason_code, report.running_revision) == ("rolled_back", "cameras_do_not_look", 0)
    assert "north" in report.problems[0]
    assert bench.intervals() == {1.0}


def test_a_camera_that_did_not_look_before_is_not_held_against_the_new_configuration(bench: Bench) -> None:
    bench.host.looks["south"] = 0
    bench.broken.add(3.0)
    bench.switch.desire(desired(1, interval(3.0, "south")))
    bench.settle()
    assert bench.switch.state.report().state == "applied"


def test_a_camera_that_neither_looks_nor_fails_ends_probation_when_its_time_is_over(bench: Bench) -> None:
    bench.switch.desire(desired(1, interval(2.0)))
    bench.clock.advance(bench.file.fleet.probation_s)
    bench.switch.step()
    assert bench.switch.state.report().reason_code == "probation_over"
    assert bench.intervals() == {1.0}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"node": {"data_dir": "/"}}, "not_allowed"),
        ({"mqtt": {"host": "evil"}}, "not_allowed"),
        ({"centre": {"url": "http://evil"}}, "not_allowed"),
        ({"fleet": {"centre_key_file": "other"}}, "not_allowed"),
        ({"privacy": {}}, "not_allowed"),
        ({"camera": {"north": {"source": "rtsp://evil/"}}}, "not_allowed"),
        ({"camera": {"north": {"name": "south"}}}, "not_allowed"),
        ({"detector": {"weights": "/etc/shadow"}}, "not_allowed"),
        ({"camera": ["north"]}, "not_allowed"),
        ({"camera": {"north": 3}}, "not_allowed"),
        ({"camera": {"west": {"look_interval_s": 1.0}}}, "unknown_camera"),
        ({"camera": {"north": {"look_interval_s": -1}}}, "invalid"),
        ({"camera": {"north": {"zone": []}}}, "invalid"),
        ({"camera": {"north": {"zone": "everywhere"}}}, "invalid"),
    ],
)
def test_what_may_not_be_set_or_cannot_be_right_is_refused_whole_and_never_run(
    bench: Bench, document: dict[str, object], reason: str
) -> None:
    both = {**interval(2.0, "south"), **document} if "camera" not in document else document
    bench.switch.desire(desired(1, both))
    report = bench.switch.state.report()
    assert (report.state, report.reason_code, report.running_revision) == ("refused", reason, 0)
    assert report.problems
    assert bench.host.switches == []


def test_an_older_revision_is_never_obeyed_again(bench: Bench) -> None:
    for revision, seconds in ((5, 2.0), (4, 4.0), (5, 4.0)):
        bench.switch.desire(desired(revision, interval(seconds)))
        bench.settle()
    assert bench.intervals() == {2.0}
    assert bench.switch.state.seen == 5


def test_a_newer_configuration_during_probation_falls_back_to_the_one_that_was_good(bench: Bench) -> None:
    bench.broken |= {3.0, 4.0}
    bench.switch.desire(desired(1, interval(3.0)))
    bench.switch.desire(desired(2, interval(4.0)))
    bench.settle()
    assert bench.intervals() == {1.0}
    assert bench.switch.state.good.revision == 0


STEPS_UP = ("config_received", "config_trial_kept", "config_switched", "config_healthy", "config_good_kept")
STEPS_BACK = ("config_failed", "config_rollback_kept", "config_rolled_back")


@pytest.mark.parametrize("step", STEPS_UP)
def test_a_power_cut_at_any_step_of_a_good_change_ends_in_that_change(tmp_path: Path, step: str) -> None:
    bench = Bench(tmp_path, CutAt(step))
    bench.host.look(5)
    run_through_cut(bench, 2.0)
    assert bench.intervals() == {2.0}
    assert bench.switch.state.report().state == "applied"
    assert ConfigState.model_validate(bench.store.load(NAME, ConfigState)).good.revision == 1


@pytest.mark.parametrize("step", [*STEPS_UP[:3], *STEPS_BACK])
def test_a_power_cut_at_any_step_of_a_bad_change_ends_with_what_was_good(tmp_path: Path, step: str) -> None:
    bench = Bench(tmp_path, CutAt(step))
    bench.broken.add(3.0)
    bench.host.look(5)
    run_through_cut(bench, 3.0)
    assert bench.intervals() == {1.0}
    assert bench.switch.state.report().state == "rolled_back"
    assert bench.switch.state.report().reason_code == "cameras_do_not_look"


def run_through_cut(bench: Bench, seconds: float) -> None:
    """Order, lose the power on the way, start again; the broker has retained the order."""
    order = desired(1, interval(seconds))
    try:
        bench.switch.desire(order)
        bench.settle()
    except PowerCut:
        bench.boot()
        # Cameras that looked before the cut look again when the good configuration runs.
        if bench.switch.state.trial is None and bench.switch.state.seen == 0:
            bench.host.look(5)
        bench.switch.desire(order)
        bench.settle()
    else:
        raise AssertionError("the step was never reached")


def test_a_configuration_that_ends_the_program_is_taken_back_at_the_next_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.host.look(5)
    bench.switch.desire(desired(1, interval(2.0)))
    starts = 0
    while bench.switch.state.trial is not None:
        bench.boot()
        starts += 1
        assert starts < 10
    assert bench.intervals() == {1.0}
    assert bench.switch.state.report().reason_code == "interrupted"
    assert starts == 3


def test_a_file_that_was_changed_by_hand_wins_over_an_overlay_that_no_longer_fits(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.host.look(5)
    bench.switch.desire(desired(1, interval(2.0, "south")))
    bench.settle()
    only_north = bench.file.model_copy(update={"camera": bench.file.camera[:1]})
    bench.file = only_north
    bench.boot()
    assert [camera.name for camera in bench.host.config.cameras] == ["north"]
    assert bench.switch.state.report().reason_code == "does_not_fit_the_file"


def test_what_can_be_set_laid_over_its_own_file_changes_nothing(tmp_path: Path) -> None:
    file = two_cameras(tmp_path)
    assert fingerprint(effective(file, settable(file))) == fingerprint(file)
    assert effective(file, {}) is file


def test_what_leads_cameras_elsewhere_is_refused_whatever_may_be_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second line: were sources settable one day, no order reads the node's disk."""
    monkeypatch.setattr("edge.fleet.overlay.CAMERA_KEYS", CAMERA_KEYS | {"source"})
    secrets = {"camera": {"north": {"source": str(tmp_path)}}}
    with pytest.raises(OverlayRefused) as caught:
        effective(two_cameras(tmp_path), secrets)
    assert caught.value.reason == "not_allowed"
    assert "sources.schemes" in str(caught.value)


@pytest.mark.parametrize("document", [{"sources": {"link_local": True}}, {"camera": {"north": {"stream": {}}}}])
def test_where_cameras_may_lead_and_how_they_are_read_stays_with_the_file(
    tmp_path: Path, document: dict[str, object]
) -> None:
    with pytest.raises(OverlayRefused) as caught:
        effective(two_cameras(tmp_path), document)
    assert caught.value.reason == "not_allowed"


def test_sensors_of_the_file_stay_as_they_are_beneath_what_is_laid_over_it(tmp_path: Path) -> None:
    beside = checked(tmp_path, folder_camera(tmp_path, name="north") + SENSOR)
    over = effective(beside, interval(2.0, "north"))
    assert (over.sensor, over.cameras[0].look_interval_s) == (beside.sensor, 2.0)
    alone = checked(tmp_path, SENSOR)
    assert effective(alone, {"detector": {"threads": 2}}).sensor == alone.sensor


def test_a_refusal_never_shows_a_value_that_was_not_allowed(tmp_path: Path) -> None:
    with pytest.raises(OverlayRefused) as caught:
        effective(two_cameras(tmp_path), {"camera": {"north": {"source": "rtsp://user:geheim@cam/"}}})
    assert "geheim" not in str(caught.value)
