"""What attention saves (注意力基准): each look of a video answered with and without gating, in one run.

Both ways meet the same pictures in turn on the same machine, so that the ratio holds whatever else the machine does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from detectors.attention.looking import AttentiveLook
from detectors.attention.settings import AttentionSettings
from detectors.incidents import Closed, Opened, Transition
from detectors.types import Detector
from edge.camera_memory import Memory
from edge.config import CameraSection
from edge.new_observer import new_observer
from ingest.boxes import iou
from ingest.cameras import End, NoPicture, SourceOptions, open_source
from ingest.cameras.source import Frame
from ingest.clock import SystemClock
from ingest.messages import Box
from ingest.taxonomy import SEEN_CATEGORIES, Category
from scenarios.running.node_file import camera_table
from scenarios.truth import Truth

_SAME_PLACE = 0.5
_START = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
Now = Callable[[], float]


@dataclass(frozen=True)
class Told:
    """An incident: category, zone, box (fractions), when it opened and closed in the video, seconds."""

    category: Category
    zone: str
    box: Box
    opened_s: float
    closed_s: float | None = None

    def agrees(self, other: Told) -> bool:
        """Whether both tell of the same thing."""
        return (
            self.category is other.category and self.zone == other.zone and iou(self.box, other.box) >= _SAME_PLACE
        )


@dataclass
class Side:
    """One way to look: its time, seconds, and what it told."""

    seconds: float = 0.0
    incidents: dict[UUID, Told] = field(default_factory=dict)

    def heard(self, transitions: Sequence[Transition], begin: datetime) -> None:
        """Take what a look led to."""
        for event in transitions:
            if not isinstance(event, Opened | Closed):
                continue
            at_s, standing = (event.at - begin).total_seconds(), event.standing
            known = self.incidents.get(standing.incident_id)
            opened_s = known.opened_s if known else at_s
            closed_s = at_s if isinstance(event, Closed) else None
            told = Told(standing.category, standing.zone, standing.box, opened_s, closed_s)
            self.incidents[standing.incident_id] = told


@dataclass(frozen=True)
class Measured:
    """What came out for one camera.

    ``looks``: pictures looked at; ``counters`` of attention; ``full`` looks at everything each time, ``gated`` with
    attention, change test included; ``look_interval_s`` as configured.
    """

    camera: str
    looks: int
    look_interval_s: float
    counters: dict[str, int]
    full: Side
    gated: Side

    @property
    def without_inference(self) -> float:
        """Share of the looks in which nothing was inferred."""
        return self.counters["looks_unchanged"] / self.looks if self.looks else 0.0

    @property
    def cost(self) -> float:
        """Time of the gated looks as part of the time of the full ones."""
        return self.gated.seconds / self.full.seconds if self.full.seconds else 0.0

    def ms_per_camera_hour(self, side: Side) -> float:
        """Milliseconds of looking (change test and inference) that an hour of this camera takes."""
        return side.seconds / self.looks * 1000 * 3600 / self.look_interval_s if self.looks else 0.0

    @property
    def same_incidents(self) -> bool:
        """Whether both ways told of the same things, each once."""
        left = list(self.gated.incidents.values())
        for told in self.full.incidents.values():
            twin = next((other for other in left if told.agrees(other)), None)
            if twin is None:
                return False
            left.remove(twin)
        return not left


def measure(
    camera: CameraSection, detector: Detector, settings: AttentionSettings, *, now: Now = time.perf_counter
) -> Measured:
    """Play a camera's file both ways. ``now``: seconds of a clock that only goes forward.

    Raises:
        SourceError: The file cannot be opened.
        DetectorError: The detector cannot look.
        ValueError: The source has no end.
    """
    if camera.address.live:
        raise ValueError(f"camera {camera.name!r}: {camera.address.shown} has no end; give a file or a folder")
    plane = camera.ground_plane()
    everything = AttentionSettings(False, settings.sweep_interval_s, settings.tiles, settings.most_tiles)
    ways = [
        (_Way(AttentiveLook(detector, chosen, camera.zones, plane), new_observer(camera, None)), Side())
        for chosen in (everything, settings)
    ]
    looks = 0
    for picture in _pictures(camera):
        looks += 1
        for way, side in ways if looks % 2 else reversed(ways):  # neither way always finds the caches warm
            began = now()
            answer = way.attentive.look(picture.image, picture.at, way.memory.interest)
            side.seconds += now() - began
            told = way.memory.look(
                picture.image, picture.at, answer.found, looked=answer.looked_at, closely=answer.closely
            )
            side.heard(told, camera.start_at or _START)
    (_, full), (gated_way, gated) = ways
    return Measured(camera.name, looks, camera.look_interval_s, gated_way.attentive.counters, full, gated)


@dataclass(frozen=True)
class _Way:
    attentive: AttentiveLook
    memory: Memory


def _pictures(camera: CameraSection) -> Iterator[Frame]:
    options = SourceOptions(look_interval_s=camera.look_interval_s, start_at=camera.start_at, fps=camera.fps)
    source = open_source(camera.address, options, clock=SystemClock())
    try:
        while not isinstance(answer := source.read(0.0), End):
            if not isinstance(answer, NoPicture):
                yield answer
    finally:
        source.close()


def camera_of_video(video: Path, *, zone: Box, look_interval_s: float, dwell_s: float) -> CameraSection:
    """A camera that watches ``zone`` (fractions) of a video for problems of every category. Raises ValidationError."""
    x1, y1, x2, y2 = zone
    rules = [{"category": category.value, "dwell_s": dwell_s} for category in SEEN_CATEGORIES]
    polygon = [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    return CameraSection.model_validate(
        {
            "name": "".join(c if c.isascii() and c.isalnum() else "-" for c in video.stem).strip("-")[:60]
            or "video",
            "source": str(video.resolve()),
            "start_at": _START,
            "look_interval_s": look_interval_s,
            "zone": [{"name": "watched", "purpose": "no_stopping", "polygon": polygon, "rule": rules}],
        }
    )


def cameras_of_truth(truth: Truth, folder: Path) -> list[CameraSection]:
    """The cameras of a made scenario whose videos lie in ``folder``. Raises ValueError where one has none."""
    return [
        CameraSection.model_validate(camera_table(truth, camera, folder))
        for camera in truth.cameras
        if camera.zones
    ]
