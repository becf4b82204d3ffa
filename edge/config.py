"""The node's configuration: one TOML file, refused with field, value and fix when it cannot be right."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from detectors.condition.camera import SLOWEST_LOOK_S
from detectors.ground import GroundPlane, GroundPoint
from edge.attention_section import AttentionSection
from edge.fleet.section import FleetSection
from edge.position_section import PositionSection
from edge.privacy_section import PrivacySection
from edge.sensors.section import SensorSection
from edge.stream_section import SourcesSection, StreamSection, refused_sources
from ingest.cameras import Address, parse_address
from ingest.config import (
    BASE_DIR,
    ConfigModel,
    MqttSettings,
    is_loopback,
    load_config,
    read_secret,
    resolve_existing,
    resolve_path,
)
from ingest.hours import Permit, TimeZoneName
from ingest.messages import Name, Position, Utc
from ingest.sensors.hosts import LOOPBACK, HostRule, check_host
from ingest.zones import Rule, Zone
from models.card import Backend
from models.catalogue import ResolvedModel, list_models, resolve
from models.errors import ModelError

DEFAULT_MODEL = "kerbwatch-nano"
DEFAULT_TIME_ZONE = "Asia/Shanghai"

ResolvedPath = Annotated[Path, AfterValidator(resolve_path)]
ExistingPath = Annotated[Path, AfterValidator(resolve_existing)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]


class NodeSection(ConfigModel):
    """Who this node is and where it keeps its state; ``time_zone`` is what hours in its rules are meant in.

    ``sensor_hosts`` are the machines that may be asked for readings; this one alone where nothing is said.
    """

    site: Name
    name: Name
    data_dir: ResolvedPath
    time_zone: TimeZoneName = DEFAULT_TIME_ZONE
    sensor_hosts: Annotated[tuple[HostRule, ...], Field(max_length=256)] = LOOPBACK


class CentreSection(ConfigModel):
    """Where pictures are sent."""

    url: Annotated[str, Field(max_length=500)]
    token_file: ExistingPath | None = None
    ca_file: ExistingPath | None = None

    @field_validator("url")
    @classmethod
    def _is_http(cls, url: str) -> str:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError where it is none
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ValueError("not the centre's address; give http(s)://host[:port] without credentials")
        return url.rstrip("/")

    @field_validator("ca_file")
    @classmethod
    def _is_certificate(cls, ca_file: Path | None) -> Path | None:
        try:
            ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
        except OSError as error:
            raise ValueError(f"no certificates can be read from it ({error}); give a PEM file") from error
        return ca_file

    @model_validator(mode="after")
    def _no_token_in_clear(self) -> CentreSection:
        parts = urlsplit(self.url)
        if self.token_file is not None and parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise ValueError("token_file with http:// would send the token readable for all; use https://")
        token = self.token()
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ValueError("the token in token_file must be printable ASCII: it travels in an HTTP header")
        return self

    def token(self) -> str | None:
        """The first line of ``token_file``. Raises ValueError when it has gone or is empty."""
        return None if self.token_file is None else read_secret(self.token_file).strip()


class DetectorSection(ConfigModel):
    """Which model looks, and with what. ``models_dir`` holds the user's own models (`kerbwatch models add`)."""

    models_dir: ExistingPath | None = None
    model: Annotated[str, Field(min_length=1, max_length=500)] = DEFAULT_MODEL
    weights: ExistingPath | None = None
    backend: Backend | None = None
    threads: Annotated[int, Field(ge=1, le=64)] = 1

    @field_validator("model")
    @classmethod
    def _is_known(cls, model: str, info: ValidationInfo) -> str:
        if model.endswith(".toml"):
            return str(resolve_existing(Path(model), info))
        try:
            names = [entry.card.name for entry in list_models(info.data.get("models_dir"))]
        except ModelError as error:
            raise ValueError(str(error)) from error
        if model not in names:
            raise ValueError(f"not in the catalogue; give one of {', '.join(names)} or the path of a card (.toml)")
        return model

    @model_validator(mode="after")
    def _has_weights(self) -> DetectorSection:
        try:
            card = self.resolve().card
        except ModelError as error:
            raise ValueError(str(error)) from error
        if self.backend is not None and self.backend not in card.backends:
            able = ", ".join(backend.value for backend in card.backends)
            raise ValueError(f"backend {self.backend.value!r} cannot run {card.name!r}; use one of {able}")
        return self

    def resolve(self) -> ResolvedModel:
        """The card and its verified weights. Raises ModelError."""
        return resolve(self.model, weights=self.weights, folder=self.models_dir)


class ZoneSection(Zone):
    """A zone as the file writes it: its rules are ``[[camera.zone.rule]]`` tables, its permits ``[[...permit]]``."""

    rules: tuple[Rule, ...] = Field(default=(), alias="rule")
    permits: Annotated[tuple[Permit, ...], Field(max_length=64)] = Field(default=(), alias="permit")


class CameraSection(ConfigModel):
    """A camera: its source, its clock, its zones."""

    name: Name
    source: Annotated[str, Field(max_length=2000)]
    clock: Annotated[Literal["media", "wall"] | None, Field(validate_default=True)] = None
    pace: Annotated[Literal["fast", "realtime"], Field(validate_default=True)] = "fast"
    start_at: Annotated[Utc | None, Field(validate_default=True)] = None
    look_interval_s: Annotated[float, Field(ge=0.04, le=3600)] = 1.0
    fps: Annotated[float, Field(gt=0, le=240)] = 1.0
    static_objects: bool = True
    attention: AttentionSection = AttentionSection()
    stream: StreamSection = StreamSection()
    position: PositionSection | None = None
    ground_points: Annotated[tuple[tuple[Degrees, Degrees, Degrees, Degrees], ...], Field(max_length=64)] = ()
    zone: Annotated[tuple[ZoneSection, ...], Field(min_length=1, max_length=64)]

    @field_validator("source")
    @classmethod
    def _is_allowed(cls, source: str, info: ValidationInfo) -> str:
        address = parse_address(source, base_dir=(info.context or {}).get(BASE_DIR))
        return source if address.live else address.target

    @field_validator("clock")
    @classmethod
    def _fits_source(cls, clock: str | None, info: ValidationInfo) -> str:
        source = info.data.get("source")
        live = source is not None and parse_address(source).live
        if live and clock == "media":
            raise ValueError('a live source has no media clock; remove it or give clock = "wall"')
        return clock or ("wall" if live else "media")

    @field_validator("pace")
    @classmethod
    def _fits_clock(cls, pace: str, info: ValidationInfo) -> str:
        source = info.data.get("source")
        finite = source is not None and not parse_address(source).live
        if finite and info.data.get("clock") == "wall" and pace == "fast":
            raise ValueError('a file played fast on the wall clock has no true times; give pace = "realtime"')
        return pace

    @field_validator("start_at")
    @classmethod
    def _fits_media_clock(cls, start_at: datetime | None, info: ValidationInfo) -> datetime | None:
        clock = info.data.get("clock")
        if clock == "media" and start_at is None:
            raise ValueError("the media clock needs the UTC instant of the first frame; add 2026-01-31T08:00:00Z")
        if clock == "wall" and start_at is not None:
            raise ValueError('it means nothing on the wall clock; remove it or give clock = "media"')
        return start_at

    @field_validator("ground_points")
    @classmethod
    def _give_a_plane(cls, points: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
        for index, (x, y, latitude, longitude) in enumerate(points):
            if not (0 <= x <= 1 and 0 <= y <= 1):
                raise ValueError(f"point {index}: ({x}, {y}) lies outside the frame; give fractions from 0 to 1")
            if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
                raise ValueError(
                    f"point {index}: give x, y, latitude, longitude; {latitude}, {longitude} are none"
                )
        if points:
            GroundPlane.fit([GroundPoint(*point) for point in points])
        return points

    @field_validator("zone")
    @classmethod
    def _zones_differ(cls, zones: tuple[ZoneSection, ...]) -> tuple[ZoneSection, ...]:
        _check_unique("zones", [zone.name for zone in zones])
        return zones

    @field_validator("zone")
    @classmethod
    def _can_be_measured(cls, zones: tuple[ZoneSection, ...], info: ValidationInfo) -> tuple[ZoneSection, ...]:
        measured = [(zone.name, rule.category) for zone in zones for rule in zone.rules if rule.measures]
        if measured and not info.data.get("ground_points"):
            name, category = measured[0]
            raise ValueError(
                f"zone {name!r}, rule against {category}: min_size_m and max_size_m need the camera's ground_points;"
                " give four or more, or remove the sizes"
            )
        return zones

    @property
    def address(self) -> Address:
        """The checked source."""
        return parse_address(self.source)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones with their rules."""
        return self.zone

    def ground_plane(self) -> GroundPlane | None:
        """The homography of ``ground_points``, where there are any."""
        return (
            GroundPlane.fit([GroundPoint(*point) for point in self.ground_points]) if self.ground_points else None
        )

    def fixed_position(self) -> Position | None:
        """The position of the view as a whole."""
        return None if self.position is None else self.position.position()


class NodeConfig(ConfigModel):
    """The whole file."""

    node: NodeSection
    mqtt: MqttSettings = MqttSettings()
    centre: CentreSection | None = None
    detector: DetectorSection | None = None
    privacy: PrivacySection = PrivacySection()
    sources: SourcesSection = SourcesSection()
    fleet: FleetSection = FleetSection()
    camera: Annotated[tuple[CameraSection, ...], Field(max_length=256)] = ()
    sensor: Annotated[tuple[SensorSection, ...], Field(max_length=128, validate_default=True)] = ()

    @field_validator("camera")
    @classmethod
    def _cameras_differ(cls, cameras: tuple[CameraSection, ...]) -> tuple[CameraSection, ...]:
        _check_unique("cameras", [camera.name for camera in cameras])
        return cameras

    @field_validator("sensor")
    @classmethod
    def _sensors_fit(cls, sensors: tuple[SensorSection, ...], info: ValidationInfo) -> tuple[SensorSection, ...]:
        cameras = [camera.name for camera in info.data.get("camera", ())]
        if not sensors and not cameras and "camera" in info.data:
            raise ValueError("nothing to watch; add a [[camera]] or a [[sensor]]")
        _check_unique("cameras or sensors", [*cameras, *(sensor.name for sensor in sensors)])
        node = info.data.get("node")
        for sensor in sensors:
            if sensor.camera is not None and sensor.camera not in cameras:
                raise ValueError(
                    f"sensor {sensor.name!r}: camera {sensor.camera!r} is none of {', '.join(cameras) or 'none'}"
                )
            if sensor.host is not None and node is not None:
                check_host(sensor.host, node.sensor_hosts)
        return sensors

    @model_validator(mode="after")
    def _sources_are_allowed(self) -> NodeConfig:
        if problems := refused_sources(self.source_addresses(), self.sources.policy()):
            raise ValueError("; ".join(map(str, problems)))
        return self

    def source_addresses(self) -> list[tuple[str, Address]]:
        """Every address a camera is read from, with the name of its field."""
        found = [(f"camera[{index}].source", camera.address) for index, camera in enumerate(self.camera)]
        for index, camera in enumerate(self.camera):
            if (sub := camera.stream.sub_stream()) is not None:
                found.append((f"camera[{index}].stream.sub_source", sub))
        return found

    @property
    def cameras(self) -> tuple[CameraSection, ...]:
        """All cameras, in file order."""
        return self.camera

    @property
    def time_zone(self) -> ZoneInfo:
        """What hours in rules are meant in."""
        return ZoneInfo(self.node.time_zone)

    def doubts(self) -> tuple[str, ...]:
        """What may be meant but keeps a promise of the node from holding, a sentence each with field and fix."""
        return tuple(
            f"camera.{index}.look_interval_s: with {camera.look_interval_s:g} s between looks camera"
            f" {camera.name!r} tells that it is covered, blurred, dark, frozen or moved only after up to"
            f" {2 * camera.look_interval_s:g} s; give {SLOWEST_LOOK_S:g} or less to have it told within a minute"
            for index, camera in enumerate(self.camera)
            if camera.look_interval_s > SLOWEST_LOOK_S
        )

    def model(self) -> ResolvedModel:
        """The model that looks; the catalogue's own where the file names none. Raises ModelError."""
        return self.detector.resolve() if self.detector is not None else resolve(DEFAULT_MODEL)


def load_node_config(path: Path) -> NodeConfig:
    """Read and check a node's file. Raises ConfigError."""
    return load_config(path, NodeConfig)


def _check_unique(what: str, names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two {what} are named {', '.join(map(repr, twice))}; rename one")
