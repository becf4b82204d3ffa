"""Where the detector must look this time (注意力), and what its answer is where it need not.

The picture as a whole and each tile are units: each keeps its last answer and the picture it was given for. A unit is
looked at anew where the watched part of the picture has changed, where somebody wants evidence, and at least every
``sweep_interval_s``; otherwise its answer stands, marked as carried. Nothing rests on the change test alone, so what
it cannot see is late by one sweep at most, and never lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np

from detectors.attention.answer import Answer, homes, is_home
from detectors.attention.change import Change, Grey, blocks_of, compare, touched, uncovered
from detectors.attention.evidence import Interest
from detectors.attention.merge import WHOLE, Part, merge
from detectors.attention.settings import AttentionSettings
from detectors.types import Detections
from ingest.messages import Box
from ingest.zones import Zone

ChangeTest = Callable[[Grey, Grey], Change]


class Why(StrEnum):
    """Why a unit is looked at."""

    FIRST = "first"  # nothing is known: start, restart, after blindness, another picture size, a clock set back
    UNGATED = "ungated"
    LIGHT = "light"
    CHANGED = "changed"
    EVIDENCE = "evidence"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Plan:
    """What to infer: region (fractions of the frame) -> why; empty: the last answer stands."""

    why: dict[Box, Why]

    @property
    def regions(self) -> tuple[Box, ...]:
        """The regions in the order in which their answers are wanted."""
        return tuple(self.why)


@dataclass
class _Unit:
    """A region's last answer, its picture and its time."""

    region: Box
    grey: Grey | None = None
    at: datetime | None = None
    found: Detections = field(default_factory=Detections.empty)


class Attention:
    """Plans the looks of one camera. Not thread-safe; starts anew with every run of a source.

    ``counters``: ``looks_unchanged``, ``looks_partial`` (tiles only), ``looks_full``, ``looks_swept`` (only because it
    was time), ``tiles_inferred``.
    """

    def __init__(
        self,
        settings: AttentionSettings,
        zones: Sequence[Zone] = (),
        tiles: Sequence[Box] = (),
        *,
        nms_iou: float = 0.5,
        change_test: ChangeTest = compare,
    ) -> None:
        self._settings, self._compare = settings, change_test
        self._polygons = tuple(zone.polygon for zone in zones if zone.rules)
        self._nms_iou = nms_iou
        self._whole = _Unit(WHOLE)
        self._tiles = [_Unit(tile) for tile in tiles]
        self.counters: Counter[str] = Counter()

    def forget(self) -> None:
        """Nothing is known any more (blindness, a failed inference): the next look is a full one."""
        self._whole = _Unit(WHOLE)
        self._tiles = [_Unit(unit.region) for unit in self._tiles]

    @property
    def _regions(self) -> tuple[Box, ...]:
        return tuple(unit.region for unit in self._tiles)

    @property
    def answer(self) -> Detections:
        """What stands, all of it carried."""
        return self._merged(frozenset())

    def plan(self, grey: Grey, at: datetime, interest: Interest) -> Plan:
        """What to look at in the picture of ``at`` (UTC), given as :func:`small_grey`.

        A change counts where a zone has rules or ``interest`` says that something is remembered: who passes anywhere
        else can neither be a problem nor hide one.
        """
        units = [self._whole, *self._tiles]
        if not self._settings.gating:
            return Plan({unit.region: Why.UNGATED for unit in units})
        if any(unit.grey is None or unit.grey.shape != grey.shape or not _later(unit, at) for unit in units):
            return Plan({unit.region: Why.FIRST for unit in units})
        attended = blocks_of(self._polygons, interest.watched, grey.shape)
        changes = {u.region: self._compare(u.grey, grey).within(attended) for u in units if u.grey is not None}
        if changes[WHOLE].light:
            return Plan({unit.region: Why.LIGHT for unit in units})
        why: dict[Box, Why] = {}
        for unit in self._tiles:
            if touched(unit.region, changes[unit.region].blocks, grey.shape):
                why[unit.region] = Why.CHANGED
        self._want(why, interest.wanted)
        if self._whole_changed(changes[WHOLE], grey):
            why[WHOLE] = Why.CHANGED
        for unit in units:
            if unit.region not in why and self._is_due(unit, at):
                why[unit.region] = Why.SWEEP
        return Plan(why)

    def settle(self, plan: Plan, grey: Grey, at: datetime, found: Sequence[Detections]) -> Answer:
        """Take the answers to ``plan`` (one per region, in fractions of the frame); gives the whole picture's."""
        answers = dict(zip(plan.regions, found, strict=True))
        for unit in (self._whole, *self._tiles):
            if unit.region in answers:
                unit.grey, unit.at, unit.found = grey, at, answers[unit.region]
        if WHOLE not in answers:
            for region in answers:
                self._give_way(region)
        self._count(plan)
        fresh = frozenset(answers)
        return Answer(self._merged(fresh), fresh, self._regions)

    def _want(self, why: dict[Box, Why], wanted: Sequence[Box]) -> None:
        for box in wanted:
            for region in homes(box, self._regions):
                why.setdefault(region, Why.EVIDENCE)

    def _whole_changed(self, change: Change, grey: Grey) -> bool:
        """Whether something changed that the tiles alone cannot answer for."""
        if not change.blocks.any():
            return False
        regions = self._regions
        if uncovered(regions, change.blocks, grey.shape):
            return True
        boxes = [_as_box(row) for row in self._whole.found.boxes]
        return any(
            touched(box, change.blocks, grey.shape) and not any(is_home(box, region) for region in regions)
            for box in boxes
        )

    def _is_due(self, unit: _Unit, at: datetime) -> bool:
        return unit.at is None or (at - unit.at).total_seconds() >= self._settings.sweep_interval_s

    def _give_way(self, region: Box) -> None:
        """What the whole picture said of things that a tile has looked at since no longer counts."""
        found = self._whole.found
        stays = [not is_home(_as_box(row), region) for row in found.boxes]
        self._whole.found = found.filter(np.array(stays, bool))

    def _merged(self, fresh: frozenset[Box]) -> Detections:
        units = [self._whole, *self._tiles]
        return merge(
            [Part(unit.region, unit.found.as_carried(unit.region not in fresh)) for unit in units], self._nms_iou
        )

    def _count(self, plan: Plan) -> None:
        self.counters[_kind_of(plan)] += 1
        self.counters["tiles_inferred"] += sum(region != WHOLE for region in plan.regions)


def _kind_of(plan: Plan) -> str:
    if not plan.why:
        return "looks_unchanged"
    if set(plan.why.values()) == {Why.SWEEP}:
        return "looks_swept"
    return "looks_full" if WHOLE in plan.why else "looks_partial"


def _later(unit: _Unit, at: datetime) -> bool:
    return unit.at is None or at > unit.at


def _as_box(row: np.ndarray[tuple[int], np.dtype[np.float32]]) -> Box:
    x1, y1, x2, y2 = (float(side) for side in row)
    return x1, y1, x2, y2
