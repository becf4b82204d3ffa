"""Wire records of fleet management (节点群管理): what a node is, what it is to become, what it is told to do.

Desired state (``config.desired``, ``model.desired``) is retained by the broker and signed by the centre; a node obeys
only the keys pinned when it was enrolled, only orders that name it, and never one that is older than the newest it
has acted on. Reported state is retained too and signed by the node. A command has an identity and an end; a node
remembers the identities it has obeyed, so that a command sent twice has one effect and one result.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from ingest.wire import Fraction, Name, Sha256, Text, Utc, WireModel

MAX_WEIGHTS_BYTES = 512 * 1024 * 1024
"""Largest weights file that a centre keeps and a node fetches."""
MAX_CARD_BYTES = 1024 * 1024
MAX_LOG_LINES, MAX_LOG_LINE = 400, 400
"""Collected log: lines, and characters of one; together well below the largest message."""

Revision = Annotated[int, Field(ge=1, le=2**31)]
Code = Annotated[str, Field(max_length=64)]
Line = Annotated[str, Field(max_length=MAX_LOG_LINE)]
Short = Annotated[str, Field(max_length=200)]


class ClockSource(StrEnum):
    """Whence a node knows what time it is."""

    KERNEL = "kernel"
    """The system's clock is kept by NTP or the like."""
    CENTRE = "centre"
    """The centre's time, taken over a short round trip, runs on by the node's steady clock."""
    UNKNOWN = "unknown"
    """Nobody said so yet: rules with hours wait."""


class InstalledModel(WireModel):
    """A model on a node; ``sha256`` is that of the weights."""

    name: Short
    version: Short
    sha256: Sha256


class CameraInventory(WireModel):
    """A camera as configured; never its address, which may hold credentials."""

    name: Name
    kind: Annotated[str, Field(max_length=20)]
    zones: Annotated[int, Field(ge=0)]


class Hardware(WireModel):
    """The box, in short."""

    machine: Short
    processor: Short
    cores: Annotated[int, Field(ge=0)]
    memory_bytes: Annotated[int, Field(ge=0)]
    system: Short
    python: Short


class Inventory(WireModel):
    """What a node is made of; part of its birth and of every heartbeat (设备清单)."""

    software: Short
    models: Annotated[tuple[InstalledModel, ...], Field(max_length=16)] = ()
    cameras: Annotated[tuple[CameraInventory, ...], Field(max_length=256)] = ()
    hardware: Hardware
    config_revision: Annotated[int, Field(ge=0, description="0: the node's own file alone.")] = 0
    config_sha256: Sha256 = Field(
        description="Of the effective configuration without paths, addresses and secrets."
    )


class Order(WireModel):
    """What the centre wants of one node. It names the node: a signed order for one is no order for another."""

    site: Name
    node: Name
    issued_at: Utc
    issued_by: Annotated[str, Field(min_length=1, max_length=80)]


class ConfigDesired(Order):
    """The configuration a node is to have on top of its own file (期望配置).

    ``document`` holds only what may be set from afar (``edge.fleet.overlay``); an empty one means the file alone.
    """

    TYPE: ClassVar[str] = "kerbwatch.config.desired"
    revision: Revision
    document: dict[str, Any]


class ConfigReported(WireModel):
    """What became of the newest desired configuration (上报配置)."""

    TYPE: ClassVar[str] = "kerbwatch.config.reported"
    revision: Annotated[int, Field(ge=0, description="The desired revision this is about; 0: none came yet.")]
    state: Literal["none", "probation", "applied", "refused", "rolled_back"]
    running_revision: Annotated[int, Field(ge=0)]
    reason_code: Code = ""
    problems: Annotated[tuple[Text, ...], Field(max_length=16)] = ()


class CanaryBounds(WireModel):
    """How a new model is compared with the old one before it takes over (灰度观察).

    ``max_disagreement``: share of sightings that only one of the two has. ``max_slowdown``: ratio of median times.
    """

    looks: Annotated[int, Field(ge=1, le=100_000)] = 200
    max_failures: Annotated[int, Field(ge=0, le=1000)] = 0
    max_slowdown: Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)] = 2.0
    max_disagreement: Fraction = 0.5


class ModelDesired(Order):
    """The model a node is to run, by content (模型下发). Fetched from ``/api/v1/models/{sha256}`` of the centre.

    Without ``card_sha256`` the node goes back to the model of its own file, at once.
    """

    TYPE: ClassVar[str] = "kerbwatch.model.desired"
    revision: Revision
    card_sha256: Sha256 | None = None
    card_bytes: Annotated[int, Field(ge=0, le=MAX_CARD_BYTES)] = 0
    weights_sha256: Sha256 | None = None
    weights_bytes: Annotated[int, Field(ge=0, le=MAX_WEIGHTS_BYTES)] = 0
    canary: CanaryBounds = CanaryBounds()


class CanaryFigures(WireModel):
    """What the comparison has found so far; times are medians in milliseconds."""

    looks: Annotated[int, Field(ge=0)] = 0
    failures: Annotated[int, Field(ge=0)] = 0
    old_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    new_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    disagreement: Fraction = 0.0


class ModelReported(WireModel):
    """What became of the newest desired model."""

    TYPE: ClassVar[str] = "kerbwatch.model.reported"
    revision: Annotated[int, Field(ge=0)]
    state: Literal["none", "fetching", "canary", "applied", "refused", "rolled_back"]
    running_sha256: Sha256
    reason_code: Code = ""
    detail: Text = ""
    figures: CanaryFigures | None = None


class CommandKind(StrEnum):
    """What a node can be told to do."""

    LOOK_AGAIN = "look_again"
    """Look now and infer over the whole picture, whatever the change test says (再看一次)."""
    SNAPSHOT = "snapshot"
    """Send a covered picture of a camera (抓拍)."""
    COLLECT_LOG = "collect_log"
    """Send the newest log lines, without credentials (收集日志)."""


class NodeCommand(Order):
    """An order to be carried out once, not later than ``not_after``. ``camera``: all cameras when absent."""

    TYPE: ClassVar[str] = "kerbwatch.command"
    command_id: UUID
    kind: CommandKind
    camera: Name | None = None
    not_after: Utc


class CommandPicture(WireModel):
    """A picture that a command made; its bytes travel like evidence, under their hash."""

    camera: Name
    sha256: Sha256
    bytes: Annotated[int, Field(gt=0)]
    width: Annotated[int, Field(gt=0, le=16384)]
    height: Annotated[int, Field(gt=0, le=16384)]
    taken_at: Utc


class CommandResult(WireModel):
    """What a command came to; spooled like every event, so it arrives once."""

    TYPE: ClassVar[str] = "kerbwatch.command.result"
    command_id: UUID
    kind: CommandKind
    outcome: Literal["done", "partly", "failed", "expired"]
    reason_code: Code = ""
    detail: Text = ""
    pictures: Annotated[tuple[CommandPicture, ...], Field(max_length=256)] = ()
    log: Annotated[tuple[Line, ...], Field(max_length=MAX_LOG_LINES)] = ()


class TimeAnswer(WireModel):
    """The centre's time, for a status that asked (对时). ``about`` is the id of that status event.

    The envelope's ``time`` is the centre's time when it answered. Half the round trip, by the node's steady clock, is
    how far it may be off; see ``edge.fleet.clock``.
    """

    TYPE: ClassVar[str] = "kerbwatch.time"
    site: Name
    node: Name
    about: UUID


CENTRE_SOURCE = "/kerbwatch/centre"
"""The CloudEvents source of all the centre says."""
