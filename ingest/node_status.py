"""How a node and its cameras do: birth, heartbeat, death (节点状态)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ingest.fleet import ClockSource, Inventory
from ingest.sensor_records import SensorStatus
from ingest.taxonomy import Category
from ingest.wire import Name, Utc, WireModel


class StreamState(WireModel):
    """How a camera's stream is read (视频流状态).

    ``decoding_reason``: why these frames are decoded, for example ``key_frames_too_far_apart``. ``failure``: why no
    frames come. ``sender_offset_s``: by how much the camera's clock lags, latency included.
    """

    decoding: Annotated[str, Field(max_length=40)] = ""
    decoding_reason: Annotated[str, Field(max_length=40)] = ""
    key_frame_distance_s: Annotated[float, Field(ge=0)] | None = None
    sub_stream: bool = False
    width: Annotated[int, Field(ge=0)] = 0
    height: Annotated[int, Field(ge=0)] = 0
    time_from: Literal["arrival", "sender"] = "arrival"
    sender_offset_s: float | None = None
    hung_readers: Annotated[int, Field(ge=0)] = 0
    failure: Annotated[str, Field(max_length=40)] = ""


class PermittedVisits(WireModel):
    """How many visits a zone has allowed (许可计数); ``trade``: for whom the permit is, in words (empty: not said)."""

    zone: Name
    category: Category
    trade: Annotated[str, Field(max_length=120)] = ""
    visits: Annotated[int, Field(ge=0)]


class CameraStatus(WireModel):
    """How one camera does; ``stream`` for live cameras."""

    name: Name
    state: Literal["starting", "looking", "blind", "ended", "failed"]
    last_look: Utc | None = None
    looks: Annotated[int, Field(ge=0)] = 0
    looks_failed: Annotated[int, Field(ge=0)] = 0
    detail: Annotated[str, Field(max_length=300)] = ""
    permitted: tuple[PermittedVisits, ...] = Field(
        default=(), max_length=64, description="Since the camera's first start, as far as counted apart."
    )
    stream: StreamState | None = None


class NodeStatus(WireModel):
    """Birth, heartbeat and death of a node (节点状态); retained. The will carries the same boot id."""

    TYPE: ClassVar[str] = "kerbwatch.node.status"
    state: Literal["online", "offline"]
    software: Annotated[str, Field(max_length=60)]
    cameras: tuple[CameraStatus, ...] = Field(default=(), max_length=256)
    sensors: tuple[SensorStatus, ...] = Field(default=(), max_length=256)
    spool_depth: Annotated[int, Field(ge=0)] = 0
    spool_bytes: Annotated[int, Field(ge=0)] = 0
    counters: dict[Annotated[str, Field(max_length=80)], int] = Field(default_factory=dict, max_length=200)
    clock_offset_ms: int | None = None
    clock_source: ClockSource = ClockSource.UNKNOWN
    wants_time: bool = Field(default=False, description="The centre is to answer with its time (kerbwatch.time).")
    inventory: Inventory | None = None
