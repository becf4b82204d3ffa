"""A model from afar looks along first and takes over only if it does as well; through power cuts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detectors.types import Detections, Detector, DetectorError, FailureReason, Frame
from edge.fleet.canary import CanaryDetector, Comparison, unmatched
from edge.fleet.model_state import ModelState
from edge.fleet.model_store import Download, FetchRefused, ModelStore
from edge.fleet.rollout import NAME, Rollout, open_at_start
from ingest.clock import ManualClock
from ingest.fleet import CanaryBounds, ModelReported
from ingest.taxonomy import ObjectClass
from models.catalogue import ResolvedModel
from tests.edge.doubles import OPENED, START
from tests.edge.fleet.bench import (
    CutAt,
    FakeHost,
    NamedDetector,
    PowerCut,
    model_order,
    rng,
    serving,
    store_in,
    two_cameras,
)

FRAME: Frame = np.zeros((8, 8, 3), np.uint8)
BOUNDS = {"looks": 5, "max_failures": 1, "max_slowdown": 100.0, "max_disagreement": 0.5}


def model(version: str) -> tuple[bytes, bytes]:
    """Card and weights. The weights are of no engine's; opening is the test's."""
    import hashlib

    weights = f"weights {version}".encode() * 100
    card = f"""
name = "fake"
version = "{version}"
file = "fake.onnx"
sha256 = "{hashlib.sha256(weights).hexdigest()}"
backends = ["onnxruntime"]
classes = {{ 0 = "vehicle", 1 = "person" }}
[input]
width = 64
height = 64
colour = "BGR"
resize = "stretch"
[output]
layout = "yolo_end2end"
[thresholds]
score = 0.5
nms_iou = 0.5
[provenance]
sources = ["none"]
licences = ["none"]
licence = "none"
"""
    return card.encode(), weights


def boxes(*kinds: str) -> Detections:
    rows = np.array([(0.1 * n, 0.1, 0.1 * n + 0.08, 0.2) for n in range(1, len(kinds) + 1)], np.float32)
    return Detections(rows.reshape(-1, 4), np.full(len(kinds), 0.9, np.float32), tuple(map(ObjectClass, kinds)))


class Bench:
    """A node that can lose its power."""

    def __init__(self, directory: Path, cut: CutAt | None = None, download: Download | None = None) -> None:
        self.directory = directory
        self.clock = ManualClock(START)
        self.file = two_cameras(directory)
        self.cut = cut or CutAt()
        self.download = download or serving(*model("2"), *model("3"))
        self.models = ModelStore(directory / "data" / "models")
        self.sees: dict[str, Detections] = {}
        self.broken: set[str] = set()
        self.opened: list[NamedDetector] = []
        self.boot()

    def boot(self) -> None:
        while OPENED:
            OPENED.pop().close()
        self.store = store_in(self.directory)
        self.host = FakeHost(self.file, self.clock)
        self.host.canary = CanaryDetector(
            open_at_start(self.store, self.models, self.open, self.open_file), monotonic=self.clock.monotonic
        )
        self.rollout = Rollout(
            self.host,
            self.host.canary,
            self.store,
            self.models,
            file=self.file,
            download=self.download,
            open_model=self.open,
            open_file=self.open_file,
            clock=self.clock,
            rng=rng(),
            changed=lambda: None,
            failpoint=self.cut,
        )

    def open(self, resolved: ResolvedModel) -> Detector:
        if resolved.card.version in self.broken:
            raise DetectorError(FailureReason.LOAD_FAILED, "broken by the test")
        detector = NamedDetector(resolved.card.version, self.sees.get(resolved.card.version))
        self.opened.append(detector)
        return detector

    def open_file(self) -> Detector:
        return NamedDetector("1")

    @property
    def running(self) -> str:
        return self.host.canary.card.version

    def order(self, version: str, revision: int = 1, **bounds: object) -> None:
        self.rollout.desire(model_order(revision, *model(version), canary={**BOUNDS, **bounds}))

    def settle(self, steps: int = 60) -> ModelReported:
        for _ in range(steps):
            self.host.canary.detect([FRAME])
            self.host.look()
            self.rollout.step()
            if self.rollout.state.trial is None:
                break
            self.clock.advance(1)
        return self.rollout.report()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = Bench(tmp_path)
    bench.host.look(5)
    return bench


def test_a_model_that_agrees_takes_over_after_its_looks(bench: Bench) -> None:
    bench.order("2")
    bench.rollout.step()
    assert bench.running == "1", "while it looks along, the old one counts"
    report = bench.settle()
    assert (report.state, report.running_sha256, bench.running) == ("applied", bench.host.canary.card.sha256, "2")
    assert report.figures is not None
    assert report.figures.looks == BOUNDS["looks"]
    assert bench.opened[0].looks >= 5


def test_a_model_that_sees_something_else_is_not_let_in(bench: Bench) -> None:
    bench.sees["2"] = boxes("vehicle", "person")
    bench.order("2")
    report = bench.settle()
    assert (report.state, report.reason_code, bench.running) == ("rolled_back", "canary_disagrees", "1")
    assert bench.opened[0].closed


def test_a_model_that_fails_is_dropped_at_once(bench: Bench) -> None:
    bench.order("2")
    bench.rollout.step()
    bench.opened[0].broken = True
    for _ in range(2):
        bench.host.canary.detect([FRAME])
    looks = bench.opened[0].looks
    bench.host.canary.detect([FRAME])
    assert bench.opened[0].looks == looks, "it looks no more"
    report = bench.settle()
    assert (report.state, report.reason_code) == ("rolled_back", "canary_failures")


def test_a_model_that_is_too_slow_is_not_let_in() -> None:
    comparison = Comparison(CanaryBounds(looks=20, max_slowdown=2.0))
    for _ in range(20):
        comparison.looked(0.010, 0.025, 0, 0)
    assert comparison.verdict() == "canary_too_slow"


def test_cameras_that_stop_looking_under_the_new_model_bring_the_old_one_back(bench: Bench) -> None:
    bench.host.broken_models.add("2")
    bench.order("2")
    report = bench.settle()
    assert (report.state, report.reason_code, bench.running) == ("rolled_back", "cameras_do_not_look", "1")


def test_a_good_model_that_no_longer_opens_gives_way_to_the_files_own(bench: Bench) -> None:
    bench.order("2")
    bench.settle()
    (bench.models.path(bench.rollout.state.good.weights_sha256 or "", "onnx")).write_bytes(b"rotten")
    bench.boot()
    assert bench.running == "1"
    assert bench.rollout.report().reason_code == "does_not_open"


def test_an_order_without_hashes_returns_to_the_files_model_and_leaves_no_file_behind(bench: Bench) -> None:
    bench.order("2")
    bench.settle()
    empty = model_order(2, b"", b"", card_sha256=None, weights_sha256=None, card_bytes=0, weights_bytes=0)
    bench.rollout.desire(empty)
    assert bench.running == "1"
    assert list((bench.directory / "data" / "models").iterdir()) == []


def wrong_bytes(sha256: str, offset: int):  # type: ignore[no-untyped-def]
    yield b"x" * 5000


def longer(sha256: str, offset: int):  # type: ignore[no-untyped-def]
    for _ in range(10_000):
        yield b"x" * 1000


@pytest.mark.parametrize(("download", "reason"), [(longer, "length"), (wrong_bytes, "length")])
def test_more_bytes_than_were_announced_are_never_kept(tmp_path: Path, download: Download, reason: str) -> None:
    bench = Bench(tmp_path, download=download)
    bench.order("2")
    report = bench.settle()
    assert (report.state, report.reason_code) == ("refused", reason)


def test_bytes_of_another_hash_are_refused(tmp_path: Path) -> None:
    card, _ = model("2")

    def swapped(sha256: str, offset: int):  # type: ignore[no-untyped-def]
        yield bytes(len(card))

    with pytest.raises(FetchRefused, match="hash_mismatch"):
        ModelStore(tmp_path).fetch("a" * 64, len(card), "toml", swapped)
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    _, weights = model("2")
    import hashlib

    sha256, asked = hashlib.sha256(weights).hexdigest(), []

    def breaking(sha256: str, offset: int):  # type: ignore[no-untyped-def]
        asked.append(offset)
        yield weights[offset : offset + 700]
        if offset + 700 < len(weights):
            raise FetchRefused("unreachable", "broken by the test", passing=True)

    store = ModelStore(tmp_path)
    with pytest.raises(FetchRefused, match="unreachable"):
        store.fetch(sha256, len(weights), "onnx", breaking)
    path = store.fetch(sha256, len(weights), "onnx", breaking)
    assert asked == [0, 700]
    assert path.read_bytes() == weights


def test_a_card_for_other_weights_or_another_engine_is_refused(tmp_path: Path) -> None:
    card, weights = model("2")
    for changed in (card.replace(b"fake.onnx", b"fake.pt"), card.replace(b'"fake.onnx"', b'"fake.xml"')):
        bench = Bench(tmp_path, download=serving(changed, weights))
        bench.rollout.desire(model_order(bench.rollout.state.seen + 1, changed, weights))
        assert bench.settle().state == "refused"
    _, other = model("3")
    bench = Bench(tmp_path, download=serving(card, other))
    bench.rollout.desire(model_order(9, card, other))
    assert bench.settle().reason_code == "does_not_open"
    assert bench.running == "1"


UP = (
    "model_received",
    "model_trial_kept",
    "model_card_fetched",
    "model_weights_fetched",
    "model_canary_kept",
    "model_canary_passed",
    "model_probation_kept",
    "model_switched",
    "model_good_kept",
)


@pytest.mark.parametrize("step", UP)
def test_a_power_cut_at_any_step_of_a_roll_out_ends_with_the_new_model(tmp_path: Path, step: str) -> None:
    bench = Bench(tmp_path, CutAt(step))
    bench.host.look(5)
    run_through_cut(bench)
    assert bench.running == "2"
    assert bench.rollout.report().state == "applied"
    bench.boot()
    assert bench.running == "2"


@pytest.mark.parametrize("step", [*UP[:8], "model_rollback_kept", "model_rolled_back"])
def test_a_power_cut_at_any_step_of_a_bad_roll_out_ends_with_the_old_model(tmp_path: Path, step: str) -> None:
    bench = Bench(tmp_path, CutAt(step))
    bench.host.broken_models.add("2")
    bench.host.look(5)
    run_through_cut(bench)
    assert bench.running == "1"
    assert bench.rollout.report().state == "rolled_back"
    bench.boot()
    assert bench.running == "1"


def roll_out(bench: Bench) -> None:
    bench.order("2")
    bench.settle()


def run_through_cut(bench: Bench) -> None:
    broken = bench.host.broken_models
    with pytest.raises(PowerCut):
        roll_out(bench)
    bench.boot()
    bench.host.broken_models = broken
    if bench.running == "1":
        bench.host.look(5)
    bench.order("2")
    bench.settle()


def test_a_model_that_ends_the_program_is_taken_back_at_the_third_start(tmp_path: Path) -> None:
    bench = Bench(tmp_path, CutAt("model_switched"))
    bench.host.look(5)
    with pytest.raises(PowerCut):
        roll_out(bench)
    starts = 0
    while bench.store.load(NAME, ModelState).trial is not None:
        bench.boot()
        starts += 1
        assert starts < 10
    assert bench.running == "1"
    assert bench.rollout.report().reason_code == "interrupted"


def test_sightings_agree_by_class_and_place_one_to_one() -> None:
    kinds = frozenset({ObjectClass.VEHICLE, ObjectClass.PERSON})
    two = boxes("vehicle", "vehicle")
    assert unmatched(two, two, kinds) == (0, 2)
    assert unmatched(two, boxes("vehicle", "person"), kinds) == (2, 3)
    assert unmatched(two, Detections.empty(), kinds) == (2, 2)
    assert unmatched(two, boxes("vehicle", "garbage"), kinds) == (1, 2), (
        "a class that one does not know is no error"
    )
    doubled = Detections.concatenate([two, two])
    assert unmatched(two, doubled, kinds) == (2, 4)
