"""From a checked address to the source that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ingest.cameras.address import Address, AddressKind
from ingest.cameras.container import OPEN_TIMEOUT_S, READ_TIMEOUT_S
from ingest.cameras.folder import FolderSource
from ingest.cameras.live import STALL_AFTER_S, LiveSource, OpenReader
from ingest.cameras.source import Source
from ingest.cameras.stream import StreamReader
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
        open_timeout_s, read_timeout_s, stall_after_s: Limits of live sources, in seconds.
    """

    look_interval_s: float = 1.0
    start_at: datetime | None = None
    fps: float = 1.0
    resume_after_s: float | None = None
    open_timeout_s: float = OPEN_TIMEOUT_S
    read_timeout_s: float = READ_TIMEOUT_S
    stall_after_s: float = STALL_AFTER_S


def open_source(address: Address, options: SourceOptions, *, clock: Clock, rng: Random | None = None) -> Source:
    """The source for ``address``; nothing is opened before its first ``read``."""
    if address.kind is AddressKind.FILE:
        return VideoFileSource(
            address,
            look_interval_s=options.look_interval_s,
            clock_at=_clock_at(options.start_at, clock),
            resume_after_s=options.resume_after_s,
        )
    if address.kind is AddressKind.FOLDER:
        return FolderSource(
            address,
            fps=options.fps,
            look_interval_s=options.look_interval_s,
            clock_at=_clock_at(options.start_at, clock),
            resume_after_s=options.resume_after_s,
        )
    return LiveSource(
        _reader(address, options),
        shown=address.shown,
        clock=clock,
        rng=rng or Random(),  # noqa: S311 - spreads reconnections, keeps no secret
        stall_after_s=options.stall_after_s,
    )


def _reader(address: Address, options: SourceOptions) -> OpenReader:
    if address.kind is AddressKind.USB:
        return UsbReader(int(address.target))
    return StreamReader(address, open_timeout_s=options.open_timeout_s, read_timeout_s=options.read_timeout_s)


def _clock_at(start_at: datetime | None, clock: Clock) -> Callable[[float], datetime]:
    if start_at is None:
        return lambda _position_s: clock.now()
    start = to_millis(start_at)
    return lambda position_s: to_millis(start + timedelta(seconds=position_s))
