"""From a checked address to the source that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from ingest.cameras.address import Address, AddressKind
from ingest.cameras.demand import Demand
from ingest.cameras.folder import FolderSource
from ingest.cameras.http_stream import HttpReader
from ingest.cameras.key_frames import DecodeChoice
from ingest.cameras.live import STALL_AFTER_S, LiveSource, OpenReader
from ingest.cameras.policy import SourcePolicy
from ingest.cameras.source import MAX_PIXELS, Source
from ingest.cameras.stream import Reading, RtspReader, StreamOptions
from ingest.cameras.sub_stream import MainOrSub
from ingest.cameras.telemetry import Telemetry
from ingest.cameras.usb import UsbReader
from ingest.cameras.video_file import VideoFileSource
from ingest.clock import Clock, to_millis


@dataclass(frozen=True)
class SourceOptions:
    """How a source is read.

    Attributes:
        look_interval_s: Seconds between looks (media time for finite sources).
        start_at: UTC instant of the first frame: media clock. ``None``: wall clock.
        fps: Pictures per second of media time in a folder.
        resume_after_s: Position of the last look taken before a restart (finite sources).
        stream: How network streams are read; its ``decode`` and ``max_pixels`` hold for files too where given.
        sub_stream: A cheaper stream of the same view, for when the key frames of the main one are too far apart.
        policy: Where network streams may come from.
        stall_after_s: Silence of a live source's reader after which it is given up, in seconds.
    """

    look_interval_s: float = 1.0
    start_at: datetime | None = None
    fps: float = 1.0
    resume_after_s: float | None = None
    stream: StreamOptions | None = None
    sub_stream: Address | None = None
    policy: SourcePolicy = field(default_factory=SourcePolicy)
    stall_after_s: float = STALL_AFTER_S


def open_source(address: Address, options: SourceOptions, *, clock: Clock, rng: Random | None = None) -> Source:
    """The source for ``address``; nothing is opened before its first ``read``."""
    max_pixels = MAX_PIXELS if options.stream is None else options.stream.max_pixels
    if address.kind is AddressKind.FILE:
        return VideoFileSource(
            address,
            look_interval_s=options.look_interval_s,
            clock_at=_clock_at(options.start_at, clock),
            resume_after_s=options.resume_after_s,
            key_frames_only=options.stream is not None and options.stream.decode is DecodeChoice.KEY_FRAMES,
            max_pixels=max_pixels,
        )
    if address.kind is AddressKind.FOLDER:
        return FolderSource(
            address,
            fps=options.fps,
            look_interval_s=options.look_interval_s,
            clock_at=_clock_at(options.start_at, clock),
            resume_after_s=options.resume_after_s,
            max_pixels=max_pixels,
        )
    demand = Demand(options.look_interval_s, clock=clock)
    telemetry = Telemetry(address.shown)
    return LiveSource(
        _reader(address, options, demand, telemetry, clock),
        shown=address.shown,
        clock=clock,
        rng=rng or Random(),  # noqa: S311 - spreads reconnections, keeps no secret
        demand=demand,
        telemetry=telemetry,
        stall_after_s=options.stall_after_s,
    )


def _reader(
    address: Address, options: SourceOptions, demand: Demand, telemetry: Telemetry, clock: Clock
) -> OpenReader:
    if address.kind is AddressKind.USB:
        return UsbReader(int(address.target), demand, telemetry, clock=clock)
    reading = Reading(options.stream or StreamOptions(), options.policy, demand, telemetry, clock)
    main = _network_reader(address, reading)
    if options.sub_stream is None:
        return main
    return MainOrSub(
        _network_reader(address, replace(reading, sub_stream=True)),
        main,
        _network_reader(options.sub_stream, reading),
        shown=address.shown,
        telemetry=telemetry,
        clock=clock,
    )


def _network_reader(address: Address, reading: Reading) -> OpenReader:
    return RtspReader(address, reading) if address.kind is AddressKind.RTSP else HttpReader(address, reading)


def _clock_at(start_at: datetime | None, clock: Clock) -> Callable[[float], datetime]:
    if start_at is None:
        return lambda _position_s: clock.now()
    start = to_millis(start_at)
    return lambda position_s: to_millis(start + timedelta(seconds=position_s))
