"""The wire contract: every record that crosses between an edge node and the centre.

CloudEvents 1.0 in JSON (structured mode) over MQTT 5, QoS 1. Identity of an event is ``source`` + ``id``;
a resend keeps both, so a receiver may treat equal pairs as one. The schema version of ``data`` is the last
part of ``dataschema``. JSON Schema files are generated from these models (``kerbwatch schema``).

Readers ignore fields they do not know (a newer node may say more); they refuse types and schema versions they
do not know (``ContractError``), because guessing would store a wrong case.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, get_args
from uuid import UUID

from pydantic import Field, ValidationError, model_validator
from pydantic_core import from_json, to_json

from ingest.fleet import (
    CommandResult,
    ConfigDesired,
    ConfigReported,
    ModelDesired,
    ModelReported,
    NodeCommand,
    TimeAnswer,
)
from ingest.node_status import CameraStatus as CameraStatus
from ingest.node_status import NodeStatus as NodeStatus
from ingest.node_status import PermittedVisits as PermittedVisits
from ingest.node_status import StreamState as StreamState
from ingest.sensor_records import Reading as Reading
from ingest.sensor_records import SensorAlarm as SensorAlarm
from ingest.sensor_records import SensorStatus as SensorStatus
from ingest.taxonomy import Category, ObjectClass
from ingest.wire import Box as Box
from ingest.wire import Fraction as Fraction
from ingest.wire import Name as Name
from ingest.wire import Position as Position
from ingest.wire import Seconds as Seconds
from ingest.wire import Sha256 as Sha256
from ingest.wire import Text as Text
from ingest.wire import Utc as Utc
from ingest.wire import WireModel as WireModel

MAX_MESSAGE_BYTES = 256 * 1024
"""Largest message either side accepts. Pictures never travel inside MQTT, so a real event is a few KiB."""

SCHEMA_PREFIX = "urn:kerbwatch:schema:"


class ContractError(Exception):
    """A payload that does not keep the wire contract.

    Attributes:
        reason: Machine-readable code, stored with the dead letter.
        detail: What was found and what was expected, for a person.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Dwell(WireModel):
    """How long a problem has stood (滞留时长): watched time and bridged time are never mixed."""

    observed_s: Seconds
    bridged_s: Seconds = 0.0
    threshold_s: Seconds


class EvidenceRole(StrEnum):
    """What a picture shows; ``sealed``: the original of the crop, which only the authority can open."""

    WIDE = "wide"
    CROP = "crop"
    BEFORE = "before"
    SEALED = "sealed"


class EvidencePicture(WireModel):
    """A picture by its content; the bytes travel by HTTP PUT to ``/api/v1/pictures/{sha256}``."""

    role: EvidenceRole
    sha256: Sha256
    bytes: Annotated[int, Field(gt=0, le=32 * 1024 * 1024)]
    width: Annotated[int, Field(gt=0, le=16384)]
    height: Annotated[int, Field(gt=0, le=16384)]
    media_type: Literal["image/jpeg", "application/vnd.kerbwatch.sealed"] = "image/jpeg"
    taken_at: Utc
    camera: Name | None = Field(default=None, description="Who took it, where the incident is a sensor's.")

    @model_validator(mode="after")
    def _only_sealed_is_sealed(self) -> EvidencePicture:
        if (self.role is EvidenceRole.SEALED) != (self.media_type != "image/jpeg"):
            raise ValueError(f"role {self.role.value!r} does not go with media_type {self.media_type!r}")
        return self


class Evidence(WireModel):
    """The pictures of an incident, or why there are none (取证)."""

    pictures: tuple[EvidencePicture, ...] = Field(default=(), max_length=8)
    withheld: Annotated[str, Field(max_length=120)] | None = None


class IncidentBase(WireModel):
    """What opened, updated and closed share.

    A sensor's alarm (``sensor_alarm``) names its sensor in ``camera`` and its rule in ``zone``; its place is sensor and
    rule, for ever the same, and its box the whole frame.
    """

    incident_id: UUID
    place_id: UUID
    camera: Name
    zone: Name
    category: Category
    object_class: ObjectClass
    box: Box
    first_seen: Utc
    last_seen: Utc
    present_at_start: bool = Field(
        default=False,
        description="It stood there when the camera started: first_seen means 'since at least'.",
    )
    dwell: Dwell
    abandoned_at: Utc | None = Field(
        default=None,
        description="When a vehicle had stood for as long as its rule calls abandoned; in every report from then on.",
    )
    attended: Fraction | None = Field(
        default=None,
        description="Of a vendor's stall: the share of the looks at it in which a person stood there.",
    )
    evidence: Evidence = Evidence()
    alarm: SensorAlarm | None = None

    @model_validator(mode="after")
    def _alarm_is_a_sensors(self) -> Self:
        if (self.category is Category.SENSOR_ALARM) != (self.alarm is not None):
            raise ValueError(f"category {self.category.value!r} does not go with alarm; sensor_alarm needs one")
        return self


class IncidentOpened(IncidentBase):
    """A rule fired (事件上报): a problem stood longer than its zone allows."""

    TYPE: ClassVar[str] = "kerbwatch.incident.opened"
    zone_polygon: Annotated[tuple[tuple[Fraction, Fraction], ...], Field(min_length=3, max_length=64)]
    score: Fraction
    reason: Text = Field(description="Why it was raised, for the operator.")
    reason_code: Annotated[str, Field(max_length=64)]
    appearance: Annotated[tuple[float, ...], Field(max_length=256)] = Field(
        default=(), description="Unit vector describing how it looks; cosine similarity compares two."
    )
    position: Position | None = None
    model: Annotated[str, Field(max_length=200)] = ""


class IncidentUpdated(IncidentBase):
    """The problem still stands; dwell and box are the newest."""

    TYPE: ClassVar[str] = "kerbwatch.incident.updated"
    appearance: Annotated[tuple[float, ...], Field(max_length=256)] = ()
    reason_code: Annotated[str, Field(max_length=64)] = Field(
        default="still_stands",
        description="still_stands; abandoned: told once, when a vehicle has stood as long as its rule says.",
    )


class IncidentClosed(IncidentBase):
    """The place was looked at and the problem was gone, or is allowed by now. Never sent because nobody could look."""

    TYPE: ClassVar[str] = "kerbwatch.incident.closed"
    ended_at: Utc
    reason_code: Annotated[str, Field(max_length=64)]


class Blindness(WireModel):
    """A zone that could not be looked at (失明), or can be again.

    A sensor without data names itself as ``camera`` and as ``zone``.
    """

    TYPE: ClassVar[str] = "kerbwatch.blindness"
    camera: Name
    zone: Name
    state: Literal["began", "ended"]
    reason_code: Annotated[str, Field(max_length=64)]
    since: Utc
    until: Utc | None = None


class Eviction(WireModel):
    """Events the spool gave up to stay within its quota: counted, never silent."""

    TYPE: ClassVar[str] = "kerbwatch.spool.evicted"
    evicted_spool_id: UUID
    first_seq: Annotated[int, Field(ge=1)]
    last_seq: Annotated[int, Field(ge=1)]
    count: Annotated[int, Field(ge=1)]
    reason_code: Annotated[str, Field(max_length=64)]


class Rejection(WireModel):
    """An event the centre stored as a dead letter: the spool may let go of it."""

    seq: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(max_length=120)]


class Acknowledgement(WireModel):
    """Centre to node: these sequence numbers of this spool are committed to the database (应用层确认)."""

    TYPE: ClassVar[str] = "kerbwatch.ack"
    spool_id: UUID
    seqs: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(max_length=1000)]
    rejected: tuple[Rejection, ...] = Field(default=(), max_length=1000)


Data = (
    IncidentOpened
    | IncidentUpdated
    | IncidentClosed
    | Blindness
    | Reading
    | Eviction
    | NodeStatus
    | Acknowledgement
    | ConfigDesired
    | ConfigReported
    | ModelDesired
    | ModelReported
    | NodeCommand
    | CommandResult
    | TimeAnswer
)
MODELS: tuple[type[Data], ...] = get_args(Data)
MODEL_OF_TYPE: dict[str, type[Data]] = {model.TYPE: model for model in MODELS}
SCHEMA_VERSION = 1
SPOOLED = (IncidentOpened, IncidentUpdated, IncidentClosed, Blindness, Reading, Eviction, CommandResult)
"""Records with a promise: they carry spool id and sequence number and are acknowledged."""


def schema_urn(model: type[Data]) -> str:
    """The ``dataschema`` of a model: ``urn:kerbwatch:schema:<type>:<version>``."""
    return f"{SCHEMA_PREFIX}{model.TYPE}:{SCHEMA_VERSION}"


class Envelope(WireModel):
    """CloudEvents attributes. Extensions are lower case without separators, as the standard wants.

    ``seq`` counts within ``spoolid``; the pair lets an acknowledgement never touch a newer spool's events.
    ``signature`` is Ed25519 over :func:`ingest.signing.signed_bytes`, base64.
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Annotated[str, Field(pattern=r"^/[a-z0-9_-]+/[a-z0-9_-]+(/[a-z0-9_-]+)?$", max_length=200)]
    type: Annotated[str, Field(max_length=100)]
    subject: Annotated[str, Field(max_length=200)] | None = None
    time: Utc = Field(description="When it happened, by the node's corrected clock.")
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Annotated[str, Field(max_length=200)]
    bootid: UUID | None = None
    spoolid: UUID | None = None
    seq: Annotated[int, Field(ge=1, le=2**62)] | None = None
    observedtime: Utc | None = Field(default=None, description="When the node wrote it down.")
    clockoffsetms: int | None = Field(
        default=None,
        description="To be added to the node's times where clocktrusted is false; see ingest.time_shift.",
    )
    clocktrusted: bool | None = Field(default=None, description="Whether the node knew what time it was.")
    monotonicms: int | None = Field(
        default=None, description="The node's steady clock at observedtime (else time), within bootid."
    )
    signature: Annotated[str, Field(max_length=128)] | None = None

    @property
    def node(self) -> tuple[str, str]:
        """Site and node named by ``source``."""
        _, site, node = self.source.split("/")[:3]
        return site, node


class Event(Envelope):
    """An envelope with its record."""

    data: Data

    def to_json(self) -> bytes:
        """The bytes for the wire, UTF-8, absent attributes left out."""
        return self.model_dump_json(exclude_none=True).encode()


def source_of(site: str, node: str, camera: str | None = None) -> str:
    """The CloudEvents ``source``: ``/{site}/{node}`` or ``/{site}/{node}/{camera}``."""
    return f"/{site}/{node}" + (f"/{camera}" if camera else "")


def parse_event(payload: bytes) -> Event:
    """Check a payload against the contract.

    Raises:
        ContractError: ``too_large``, ``invalid_utf8``, ``invalid_json``, ``not_an_object``, ``unknown_type``,
            ``unknown_schema_version``, ``invalid_fields`` or ``missing_spool_position``.
    """
    attributes = _decode(payload)
    model = _model_for(attributes)
    record = attributes.pop("data", None)
    try:
        # The declared type, not the best fit, decides the model, so envelope and record are checked apart.
        envelope = Envelope.model_validate_json(to_json(attributes))
        data = model.model_validate_json(to_json(record))
    except ValidationError as error:
        raise ContractError("invalid_fields", explain(error)) from error
    if isinstance(data, SPOOLED) and (envelope.spoolid is None or envelope.seq is None):
        raise ContractError("missing_spool_position", f"{envelope.type} needs spoolid and seq")
    return Event.model_construct(**dict(envelope), data=data)


def spool_position(payload: bytes) -> tuple[UUID, int] | None:
    """Spool id and sequence number of a payload that may otherwise be invalid, to tell its sender to let go."""
    try:
        attributes = _decode(payload)
        return UUID(str(attributes["spoolid"])), int(str(attributes["seq"]))
    except (ContractError, KeyError, ValueError):
        return None


def _decode(payload: bytes) -> dict[str, Any]:
    if len(payload) > MAX_MESSAGE_BYTES:
        raise ContractError("too_large", f"{len(payload)} bytes; the limit is {MAX_MESSAGE_BYTES}")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError("invalid_utf8", str(error)) from error
    try:
        value = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise ContractError("invalid_json", str(error)[:300]) from error
    if not isinstance(value, dict):
        raise ContractError("not_an_object", f"a CloudEvents object is expected, not {type(value).__name__}")
    return value


def _model_for(attributes: dict[str, Any]) -> type[Data]:
    kind, schema = attributes.get("type"), attributes.get("dataschema")
    model = MODEL_OF_TYPE.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise ContractError("unknown_type", f"type {kind!r:.80}; known: {', '.join(MODEL_OF_TYPE)}")
    if schema != schema_urn(model):
        raise ContractError("unknown_schema_version", f"dataschema {schema!r:.120}; expected {schema_urn(model)}")
    return model


def explain(error: ValidationError) -> str:
    """A validation error as ``field: problem; field: problem``, without echoing hostile input at length."""
    parts = []
    for item in error.errors(include_url=False, include_context=False)[:8]:
        where = ".".join(str(part) for part in item["loc"]) or "(whole)"
        parts.append(f"{where}: {item['msg']} (got {repr(item['input'])[:60]})")
    return "; ".join(parts)[:1000]
