"""A node's fleet management around parts the test owns: a host whose cameras do what the test says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from detectors.types import Detections, Detector, Frame
from edge.config import NodeConfig
from edge.errands import Brought, Errand
from edge.fleet.canary import CanaryDetector
from edge.fleet.store import FleetStore
from ingest.clock import ManualClock, uuid7
from ingest.fleet import CENTRE_SOURCE, CommandKind, ConfigDesired, ModelDesired, NodeCommand, TimeAnswer
from ingest.messages import CameraStatus, Event, schema_urn
from ingest.signing import public_key_of, sign
from tests.edge.doubles import START, FakeDetector, open_spool
from tests.edge.doubles import node_config as checked

CENTRE_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))


class PowerCut(BaseException):
    """Nothing after it happens; no handler of the program may catch it."""


class CutAt:
    """Cuts the power at the step of that name."""

    def __init__(self, step: str | None = None) -> None:
        self.step = step
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if name == self.step:
            self.step = None
            raise PowerCut(name)


class FakeHost:
    """Cameras that look, or do not, as ``broken`` says for the configuration or model that runs."""

    def __init__(self, config: NodeConfig, clock: ManualClock) -> None:
        self.config = config
        self._clock = clock
        self.canary = CanaryDetector(FakeDetector(), monotonic=clock.monotonic)
        self.looks: dict[str, int] = {}
        self.failed: dict[str, int] = {}
        self.switches: list[NodeConfig] = []
        self.break_on: set[float] = set()
        """Look intervals under which no camera looks."""
        self.broken_models: set[str] = set()
        self.errands: list[Errand] = []
        self.answer: Brought | None = Brought()

    def camera_statuses(self) -> list[CameraStatus]:
        return [
            CameraStatus(
                name=camera.name,
                state="looking" if self.looks.get(camera.name) else "blind",
                last_look=self._clock.now() if self.looks.get(camera.name) else None,
                looks=self.looks.get(camera.name, 0),
                looks_failed=self.failed.get(camera.name, 0),
            )
            for camera in self.config.cameras
        ]

    def look(self, times: int = 1) -> None:
        """Every camera tries to look."""
        for camera in self.config.cameras:
            broken = camera.look_interval_s in self.break_on or self.canary.card.version in self.broken_models
            tally = self.failed if broken else self.looks
            tally[camera.name] = tally.get(camera.name, 0) + times

    def reconfigure(self, config: NodeConfig, detector: Detector | None = None) -> None:
        self.config = config
        self.switches.append(config)
        self.looks, self.failed = {}, {}
        if detector is not None:
            self.canary.replace(detector).close()

    def send_errand(self, camera: str | None, *, wants_picture: bool) -> list[Errand]:
        sent = [Errand(item.name, wants_picture) for item in self.config.cameras if camera in (None, item.name)]
        for errand in sent:
            if self.answer is not None:
                errand.finish(self.answer)
        self.errands += sent
        return sent


def two_cameras(directory: Path, *, fleet: bool = True) -> NodeConfig:
    """A node with the cameras north and south, obeying CENTRE_KEY."""
    from tests.edge.doubles import folder_camera

    (directory / "pictures").mkdir(exist_ok=True)
    extra = ""
    if fleet:
        (directory / "centre.pub").write_text(f"# the centre\n{public_key_of(CENTRE_KEY)}\n")
        extra = '[fleet]\ncentre_key_file = "centre.pub"\n'
    cameras = "".join(folder_camera(directory / "pictures", name=name) for name in ("north", "south"))
    return checked(directory, cameras, extra=extra)


def interval(seconds: float, *cameras: str) -> dict[str, object]:
    """A document that sets look intervals."""
    return {"camera": {camera: {"look_interval_s": seconds} for camera in cameras or ("north", "south")}}


def desired(revision: int, document: dict[str, object], **changes: object) -> ConfigDesired:
    return ConfigDesired.model_validate(
        {**_order(changes), "revision": revision, "document": document}, strict=False
    )


def model_order(revision: int, card: bytes, weights: bytes, **changes: object) -> ModelDesired:
    return ModelDesired.model_validate(
        {
            **_order({}),
            "revision": revision,
            "card_sha256": hashlib.sha256(card).hexdigest(),
            "card_bytes": len(card),
            "weights_sha256": hashlib.sha256(weights).hexdigest(),
            "weights_bytes": len(weights),
            **changes,
        },
        strict=False,
    )


def command(
    kind: CommandKind, *, camera: str | None = None, at: datetime = START, valid_s: float = 600
) -> NodeCommand:
    return NodeCommand(
        site="xuhui",
        node="j17",
        issued_at=at,
        issued_by="Li Na",
        command_id=uuid4(),
        kind=kind,
        camera=camera,
        not_after=at + timedelta(seconds=valid_s),
    )


def signed(
    data: ConfigDesired | ModelDesired | NodeCommand | TimeAnswer,
    key: Ed25519PrivateKey = CENTRE_KEY,
    *,
    at: datetime = START,
    source: str = CENTRE_SOURCE,
) -> bytes:
    event = Event(
        id=uuid7(at), source=source, type=data.TYPE, time=at, dataschema=schema_urn(type(data)), data=data
    )
    return sign(event, key).to_json()


def time_answer(about: UUID, at: datetime, **changes: object) -> bytes:
    return signed(TimeAnswer(site="xuhui", node="j17", about=about), at=at, **changes)  # type: ignore[arg-type]


def _order(changes: dict[str, object]) -> dict[str, object]:
    return {"site": "xuhui", "node": "j17", "issued_at": START, "issued_by": "Li Na", **changes}


class NamedDetector(FakeDetector):
    """A fake with a version of its own, which sees what it is told."""

    def __init__(self, version: str, sees: Detections | None = None) -> None:
        super().__init__()
        self.version = version
        self.sees = sees or Detections.empty()

    @property
    def card(self):  # type: ignore[no-untyped-def]
        return super().card.model_copy(update={"version": self.version})

    def detect(self, frames: list[Frame], *, min_score: float | None = None) -> list[Detections]:  # type: ignore[override]
        super().detect(frames, min_score=min_score)
        return [self.sees for _ in frames]


def serving(*contents: bytes):  # type: ignore[no-untyped-def]
    """A centre that has these files."""
    held = {hashlib.sha256(content).hexdigest(): content for content in contents}

    def download(sha256: str, offset: int) -> Iterator[bytes]:
        content = held[sha256][offset:]
        half = len(content) // 2
        yield content[:half]
        yield content[half:]

    return download


def store_in(directory: Path) -> FleetStore:
    database, _ = open_spool(directory / "data")
    return FleetStore(database)


def rng() -> Random:
    return Random(1)
