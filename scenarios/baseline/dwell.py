"""Dwell per track (逐轨迹计时), as the library's own time-in-zone example counts it.

A timer runs per track from the first look that finds its foot point in a zone with a rule against its class, by the
clock of the pictures; when it reaches the rule's dwell the track is raised, once. Its stay ends when the tracker has
lost it, or when it has left the zones for as long. Nothing else is remembered: a new track at the same place is a new
problem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from detectors.places.rules import CATEGORY_OF_CLASS, RuleBook
from ingest.taxonomy import Category
from ingest.zones import Rule, Zone
from scenarios.baseline.looks import DetectedLook
from scenarios.baseline.tracker import LOST_AFTER_LOOKS, StockTracker, Tracked
from scenarios.language.claims import Subject
from scenarios.report import Report, SaidBox, SaidCase, SaidIncident
from scenarios.truth import Truth, TruthCamera


def baseline_report(truth: Truth, looks: Mapping[str, Sequence[DetectedLook]]) -> Report:
    """What detect-track-dwell makes of the same looks with the same zones, rules and thresholds.

    Args:
        truth: The scenario; cameras without looks are left out.
        looks: Camera -> its looks in the order of time. Blind ones never reach the tracker.

    Each raised track is one incident and one case; there is nothing that would join them.
    """
    incidents = [
        incident for camera in truth.cameras for incident in _camera_incidents(camera, looks.get(camera.name, ()))
    ]
    taken = [look for camera in truth.cameras for look in looks.get(camera.name, ())]
    return Report(
        system="baseline",
        incidents=tuple(incidents),
        cases=tuple(
            SaidCase(
                id=incident.id, category=incident.category, created_s=incident.raised_s, incidents=(incident.id,)
            )
            for incident in incidents
        ),
        looks=sum(not look.blind for look in taken),
        failed_looks=sum(look.blind for look in taken),
    )


def _camera_incidents(camera: TruthCamera, looks: Sequence[DetectedLook]) -> list[SaidIncident]:
    timers = _Timers([zone.zone for zone in camera.zones])
    tracker = StockTracker(camera.width, camera.height)
    for look in looks:
        if not look.blind:
            timers.tick(look.at_s, tracker.update(look))
    return [raised.said(camera.name) for raised in timers.raised.values()]


@dataclass
class _Raised:
    """A track that stood too long."""

    track: int
    category: Category
    first_s: float
    last_s: float
    raised_s: float
    boxes: list[SaidBox]
    missed: int = 0
    ended_s: float | None = None

    def said(self, camera: str) -> SaidIncident:
        identity = f"{camera}-{self.track}"
        return SaidIncident(
            id=identity,
            case=identity,
            camera=camera,
            category=Subject(self.category.value),
            boxes=tuple(self.boxes),
            first_seen_s=self.first_s,
            last_seen_s=self.last_s,
            raised_s=self.raised_s,
            ended_s=self.ended_s,
            end_reason=None if self.ended_s is None else "track_lost",
            observed_s=self.last_s - self.first_s,
        )


@dataclass
class _Timers:
    """The timers of one camera."""

    zones: Sequence[Zone]
    raised: dict[int, _Raised] = field(default_factory=dict)
    _since: dict[tuple[str, Category, int], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rules = RuleBook(self.zones)

    def tick(self, at_s: float, tracked: Sequence[Tracked]) -> None:
        """One look of the tracker."""
        still: set[int] = set()
        for item in tracked:
            known = self.raised.get(item.track)
            if known is None:
                self._time(at_s, item)
            elif self._rules.at(item.box, known.category).rules:
                known.last_s, known.missed, known.ended_s = at_s, 0, None
                still.add(item.track)
        self._miss(at_s, still)

    def _time(self, at_s: float, item: Tracked) -> None:
        category = CATEGORY_OF_CLASS.get(item.kind)
        for governing in self._rules.at(item.box, category).rules:
            if category is None or not _counts(governing.rule, item):
                continue
            first_s = self._since.setdefault((governing.zone.name, category, item.track), at_s)
            if at_s - first_s >= governing.rule.dwell_s:
                box = SaidBox(at_s=at_s, box=item.box)
                self.raised[item.track] = _Raised(item.track, category, first_s, at_s, at_s, [box])
                return

    def _miss(self, at_s: float, still: set[int]) -> None:
        for raised in self.raised.values():
            if raised.track in still or raised.raised_s == at_s or raised.ended_s is not None:
                continue
            raised.missed += 1
            if raised.missed > LOST_AFTER_LOOKS:
                raised.ended_s = at_s


def _counts(rule: Rule, item: Tracked) -> bool:
    return item.score >= rule.min_score
