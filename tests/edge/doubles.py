"""Stand-ins for the node's neighbours: a detector, a place memory and a link that do what a test says."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from detectors.attention.closely import CloseLook
from detectors.attention.evidence import Interest
from detectors.incidents import BlindReason, Opened, OpenReason, Standing, Transition
from detectors.places.allowing import PermittedKind
from detectors.places.sighting import Looked, everywhere
from detectors.types import Detections, DetectorError, FailureReason, Frame
from edge.config import CameraSection, NodeConfig
from edge.database import Database, open_database
from edge.spool import Spool, SpoolLimits
from ingest.clock import Clock, ManualClock, uuid7
from ingest.config import parse_config
from ingest.link import Delivery
from ingest.taxonomy import Category, ObjectClass
from models.card import ModelCard

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
BOOT = UUID("00000000-0000-7000-8000-000000000001")
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))

ZONE = """
[[camera.zone]]
name = "east"
purpose = "no_stopping"
polygon = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
[[camera.zone.rule]]
category = "parked_vehicle"
dwell_s = 20
"""


def card() -> ModelCard:
    """A card for a model that does not exist."""
    return ModelCard.model_validate(
        {
            "name": "fake",
            "version": "1",
            "file": "fake.onnx",
            "sha256": "0" * 64,
            "backends": ["onnxruntime"],
            "input": {"width": 64, "height": 64, "colour": "BGR", "resize": "stretch"},
            "output": {"layout": "yolo_end2end"},
            "classes": {0: "vehicle", 1: "person"},
            "thresholds": {"score": 0.5, "nms_iou": 0.5},
            "provenance": {"sources": ["none"], "licences": ["none"], "licence": "none"},
        }
    )


class FakeDetector:
    """Sees nothing; fails while ``broken``."""

    def __init__(self) -> None:
        self.broken = False
        self.closed = False
        self.looks = 0

    @property
    def card(self) -> ModelCard:
        return card()

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        if self.broken:
            raise DetectorError(FailureReason.ENGINE_FAILED, "broken by the test")
        self.looks += len(frames)
        return [Detections.empty() for _ in frames]

    def close(self) -> None:
        self.closed = True


class CountingMemory:
    """Opens one incident every ``every`` looks; its state is the number of looks, so a lost or doubled one shows.

    The place id carries the number of the look that opened the incident. ``blind_from_the_start``: its checkpoint was
    written in a blindness that goes on.
    """

    blind_from_the_start = False

    def __init__(self, camera: CameraSection, snapshot: bytes | None, *, every: int = 3) -> None:
        state = json.loads(snapshot) if snapshot else {"looks": 0, "blind": 0}
        self.looks: int = state["looks"]
        self.blind: int = state["blind"]
        self._every = every
        self._zone = camera.zones[0].name

    @property
    def counters(self) -> dict[str, int]:
        return {}

    @property
    def permitted(self) -> dict[PermittedKind, int]:
        return {}

    @property
    def blind_zones(self) -> frozenset[str]:
        return frozenset({self._zone} if self.blind_from_the_start else ())

    def look(
        self,
        frame: Frame,
        at: datetime,
        detections: Detections,
        *,
        looked: Looked = everywhere,
        closely: Sequence[CloseLook] | None = None,
        steady_s: float | None = None,
    ) -> list[Transition]:
        self.looks += 1
        if self.looks % self._every:
            return []
        return [Opened(at, standing(self._zone, at, self.looks), OpenReason.DWELL_EXCEEDED)]

    def could_not_look(
        self, at: datetime, reason: BlindReason, *, steady_s: float | None = None
    ) -> list[Transition]:
        self.blind += 1
        return []

    def trust_hours(self, trusted: bool) -> None:
        pass

    @property
    def condition(self) -> str:
        return ""

    def in_reference_view(self, frame: Frame) -> Frame:
        return frame

    def interest(self, answer: Detections) -> Interest:
        return Interest()

    def snapshot(self) -> bytes:
        return json.dumps({"looks": self.looks, "blind": self.blind}).encode()

    def background(self) -> Frame | None:
        return None


def standing(zone: str, at: datetime, number: int = 0, **changes: object) -> Standing:
    """A parked vehicle; ``number`` is kept in its place id."""
    fields: dict[str, object] = {
        "incident_id": uuid7(at),
        "place_id": UUID(int=number),
        "zone": zone,
        "category": Category.PARKED_VEHICLE,
        "object_class": ObjectClass.VEHICLE,
        "box": (0.25, 0.25, 0.5, 0.5),
        "first_seen": START,
        "last_seen": at,
        "present_at_start": False,
        "observed_s": 21.0,
        "bridged_s": 0.0,
        "threshold_s": 20.0,
        "score": 0.9,
        "appearance": (0.6, 0.8),
    }
    return Standing(**{**fields, **changes})  # type: ignore[arg-type] # fields above


class FakeLink:
    """A link that is up, keeps what is published and delivers what the test hands in."""

    def __init__(self) -> None:
        self.connected = True
        self.epoch = 1
        self.accepts = 10_000
        self.published: list[tuple[str, bytes, bool]] = []
        self.inbound: deque[Delivery] = deque()
        self.acknowledged: list[Delivery] = []
        self.counters: dict[str, int] = {}

    def start(self) -> None:
        pass

    def stop(self, timeout_s: float = 5.0) -> None:
        pass

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        if not self.connected or self.accepts <= 0:
            return False
        self.accepts -= 1
        self.published.append((topic, payload, retain))
        return True

    def receive(self, timeout_s: float) -> Delivery | None:
        return self.inbound.popleft() if self.inbound else None

    def acknowledge(self, delivery: Delivery) -> None:
        self.acknowledged.append(delivery)

    def deliver(self, topic: str, payload: bytes) -> None:
        self.inbound.append(Delivery(topic, payload, 1, False, self.epoch, len(self.inbound) + 1))


def node_config(directory: Path, cameras: str, *, extra: str = "") -> NodeConfig:
    """A checked configuration of site ``xuhui``, node ``j17``, around ``cameras`` (TOML)."""
    text = f'[node]\nsite = "xuhui"\nname = "j17"\ndata_dir = "data"\n{extra}{cameras}'
    return parse_config(text, NodeConfig, source="node.toml", base_dir=directory)


def folder_camera(source: Path, *, name: str = "north", extra: str = "") -> str:
    """TOML of a camera that is a folder of pictures, one look a second of media time."""
    return f'[[camera]]\nname = "{name}"\nsource = "{source}"\nstart_at = 2026-01-31T08:00:00Z\n{extra}{ZONE}'


OPENED: list[Database] = []
"""Databases to close after each test (``conftest.py``)."""


def open_spool(
    directory: Path, *, clock: Clock | None = None, limits: SpoolLimits | None = None
) -> tuple[Database, Spool]:
    """A spool on its own database file."""
    clock = clock or ManualClock(START)
    database = open_database(directory / "node.db", now=clock.now())
    OPENED.append(database)
    spool = Spool(database, key=KEY, boot_id=BOOT, source="/xuhui/j17", clock=clock, limits=limits)
    return database, spool
