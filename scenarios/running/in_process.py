"""The detections tier in one process: sightings -> place memory -> events -> intake -> cases, no pictures, no broker.

Place memory, sensors' rules, translation, intake and correlation are the real ones; detector, camera and readings are
the maker's. Every run has
a database of its own in memory, so that scenarios at one place never meet.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alerts.inbound import OutcomeKind, Received
from alerts.intake import Intake
from detectors.ground import GroundPlane, GroundPoint
from detectors.incidents import BlindReason, Transition
from detectors.places import state
from detectors.places.memory import PlaceMemory
from detectors.places.settings import MemorySettings
from detectors.sizes import GroundSizes
from edge.camera_worker import CHECKPOINT_EVERY_S
from edge.translate import CameraView, to_draft
from ingest.clock import to_millis
from ingest.messages import Data, Event, Evidence, Reading, schema_urn, source_of
from ingest.topics import Channel, Topic
from scenarios.baseline.looks import DetectedLook
from scenarios.errors.profile import ErrorProfile
from scenarios.language.conditions import ConditionKind
from scenarios.language.scenario import Scenario
from scenarios.makers.detections import Look, sightings
from scenarios.report import Report
from scenarios.running.blank_database import blank_database
from scenarios.running.centre_report import Seconds, by_the_clock, read_report
from scenarios.running.identifiers import ids
from scenarios.running.sensor_rules import told_by
from scenarios.truth import Truth, TruthCamera
from scenarios.world.truths import truth_of
from scenarios.world.world import World

_BATCH = 200
_MILLISECOND = timedelta(milliseconds=1)
_NO_PICTURES = Evidence(withheld="made without pictures")


@dataclass(frozen=True)
class InProcessOutcome:
    """What was true, what the system said, and what the detector said at each camera's looks."""

    truth: Truth
    report: Report
    looks: dict[str, list[DetectedLook]]


@dataclass(frozen=True)
class _Told:
    """Something a node tells: when in true seconds, who, and what; ``at`` is the node's own time."""

    at_s: float
    node: str
    source: str
    subject: str | None
    at: datetime
    data: Data


@dataclass
class _CameraRun:
    """One camera's run through the scenario."""

    told: list[_Told] = field(default_factory=list)
    looks: list[DetectedLook] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)
    true_s: dict[datetime, float] = field(default_factory=dict)
    """The second in which the node's wrong clock had a time; memory never takes one time twice."""


class _Disk:
    """What a node finds after a power cut: the last checkpoint, not its last look."""

    def __init__(self, *, needed: bool) -> None:
        self._needed, self._saved, self._saved_s = needed, "", float("-inf")

    def looked(self, memory: PlaceMemory, at_s: float, *, told: bool) -> None:
        """A checkpoint goes with every event, and with a quiet look now and then, as in the node's camera worker."""
        if self._needed and (told or at_s - self._saved_s >= CHECKPOINT_EVERY_S):
            self._saved, self._saved_s = json.dumps(state.dump(memory)), at_s

    def restore(self, memory: PlaceMemory) -> None:
        """Fill a fresh memory with the checkpoint, if there is one."""
        self._saved_s = float("-inf")
        if self._saved:
            state.load(memory, json.loads(self._saved))


def run_in_process(scenario: Scenario, profile: ErrorProfile) -> InProcessOutcome:
    """Run a scenario; the same scenario and profile give the same outcome but for ``wall_s``.

    Raises:
        ValueError: The scenario's truth cannot be made, see :func:`truth_of`.
        RuntimeError: Intake refused an event: then something here is wrong, and no score would mean anything.
    """
    began = time.perf_counter()
    truth = truth_of(scenario, "detections")
    world = World(scenario)
    runs = {camera.name: _run_camera(world, truth, camera, profile) for camera in truth.cameras if camera.zones}
    told = [item for run in runs.values() for item in run.told] + list(_told_by_sensors(scenario, truth))
    told.sort(key=lambda item: item.at_s)
    report = _through_the_centre(scenario, told, _true_seconds(scenario, runs))
    counters = sum((run.counters for run in runs.values()), Counter[str]())
    report = report.model_copy(
        update={
            "looks": counters.pop("looks", 0),
            "failed_looks": counters.pop("failed_looks", 0),
            "counters": {**report.counters, **counters},
            "wall_s": time.perf_counter() - began,
        }
    )
    return InProcessOutcome(truth, report, {name: run.looks for name, run in runs.items()})


# -- the node -------------------------------------------------------------------------------------


def _run_camera(world: World, truth: Truth, camera: TruthCamera, profile: ErrorProfile) -> _CameraRun:
    scenario, run = world.scenario, _CameraRun()
    zones = [item.told for item in camera.zones]
    new_id = ids(scenario.name, scenario.seed, camera.name)

    plane = GroundPlane.fit([GroundPoint(*p) for p in camera.ground_points]) if camera.ground_points else None

    def fresh() -> PlaceMemory:
        return PlaceMemory(
            zones,
            look_interval_s=scenario.look_interval_s,
            new_id=new_id,
            settings=MemorySettings(),
            time_zone=ZoneInfo(truth.time_zone),
            ground=None if plane is None else GroundSizes(plane, camera.width / camera.height),
        )

    view = CameraView(
        camera=camera.name,
        source=source_of(scenario.name, camera.node, camera.name),
        zones={zone.name: zone for zone in zones},
        model=f"{profile.provenance.detector} {profile.provenance.version}"[:200],
        plane=plane,
        fixed=None,
    )
    memory = fresh()
    disk = _Disk(needed=any(item.kind is ConditionKind.POWER_CUT for item in scenario.conditions))
    for look in sightings(world, camera.name, profile):
        if look.restarted:
            memory = fresh()
            disk.restore(memory)
            run.counters["restarts"] += 1
        run.looks.append(_detected(look))
        transitions = _take(memory, look, truth, run)
        disk.looked(memory, look.at_s, told=bool(transitions))
        for transition in transitions:
            draft = to_draft(transition, view, _NO_PICTURES)
            run.told.append(_Told(look.at_s, camera.node, draft.source, draft.subject, draft.at, draft.data))
    run.counters.update({f"memory_{name}": count for name, count in memory.counters.items()})
    return run


def _take(memory: PlaceMemory, look: Look, truth: Truth, run: _CameraRun) -> list[Transition]:
    at = to_millis(truth.starts_at + timedelta(seconds=look.at_s + look.clock_off_s))
    # A clock set back shows a time again; a millisecond on, what is told of it has one meaning.
    while at in run.true_s:
        at += _MILLISECOND
    run.true_s[at] = look.at_s
    if look.blind is not None or look.view is None:
        run.counters["failed_looks"] += 1
        if look.blind is None:
            return []
        known_s = look.blind_since_s
        since = None if known_s is None else to_millis(at - timedelta(seconds=look.at_s - known_s))
        return memory.could_not_look(at, look.blind, steady_s=look.at_s, since=since)
    run.counters["looks"] += 1
    return memory.look(at, look.sightings, look.persons, look.view, steady_s=look.at_s)


def _true_seconds(scenario: Scenario, runs: Mapping[str, _CameraRun]) -> Seconds:
    """What was told by a wrong clock, at the second in which it was so: a scorer must find what a node saw."""
    right = by_the_clock(scenario.starts_at)

    def second(camera: str, moment: datetime) -> float:
        run = runs.get(camera)
        looked = None if run is None else run.true_s.get(moment)
        return right(camera, moment) if looked is None else round(looked, 3)

    return second


def _detected(look: Look) -> DetectedLook:
    if not look.found:
        return DetectedLook.nothing(look.at_s, blind=look.blind is BlindReason.OFFLINE)
    return DetectedLook(
        look.at_s,
        np.array([item.box for item in look.found], np.float32),
        np.array([item.score for item in look.found], np.float32),
        tuple(item.kind for item in look.found),
    )


def _told_by_sensors(scenario: Scenario, truth: Truth) -> Iterator[_Told]:
    for sensor in scenario.sensors:
        for told in told_by(sensor, scenario, truth):
            draft = told.draft
            yield _Told(told.at_s, sensor.node, draft.source, draft.subject, draft.at, draft.data)


# -- the centre -----------------------------------------------------------------------------------


def _through_the_centre(scenario: Scenario, told: Sequence[_Told], seconds: Seconds) -> Report:
    database = blank_database()
    intake = Intake(database, new_id=ids(scenario.name, scenario.seed, "centre"))
    messages = list(_messages(scenario, told))
    for start in range(0, len(messages), _BATCH):
        outcomes = intake.process(messages[start : start + _BATCH])
        refused = [outcome for outcome in outcomes if outcome.kind is not OutcomeKind.STORED]
        if refused:
            raise RuntimeError(f"{scenario.name}: intake refused {len(refused)} event(s), first {refused[0]}")
    return read_report(database, scenario.name, scenario.starts_at, seconds=seconds)


def _messages(scenario: Scenario, told: Sequence[_Told]) -> Iterator[Received]:
    """As the nodes would send them: each with its place in its node's spool."""
    new_id = ids(scenario.name, scenario.seed, "events")
    start = to_millis(scenario.starts_at)
    spools = {node: new_id(start) for node in sorted({item.node for item in told})}
    sent: Counter[str] = Counter()
    for item in told:
        sent[item.node] += 1
        event = Event(
            id=new_id(item.at),
            source=item.source,
            type=item.data.TYPE,
            subject=item.subject,
            time=item.at,
            dataschema=schema_urn(type(item.data)),
            bootid=spools[item.node],
            spoolid=spools[item.node],
            seq=sent[item.node],
            observedtime=item.at,
            data=item.data,
        )
        channel = Channel.READING if isinstance(item.data, Reading) else Channel.EVENT
        topic = str(Topic(scenario.name, item.node, channel))
        arrived = to_millis(scenario.starts_at + timedelta(seconds=item.at_s))
        yield Received(topic, event.to_json(), 1, arrived)
