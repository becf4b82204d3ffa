"""RTSP and other streams that FFmpeg fetches itself, for the live source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import av.error
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest.cameras.address import Address
from ingest.cameras.container import OPEN_TIMEOUT_S, READ_TIMEOUT_S, cause_of, open_container
from ingest.cameras.decoder import PacketDecoder
from ingest.cameras.demand import Demand
from ingest.cameras.governor import Governor
from ingest.cameras.key_frames import DecodeChoice, KeyFrameMeter
from ingest.cameras.live import LazyPicture
from ingest.cameras.policy import SourcePolicy
from ingest.cameras.source import SourceError, SourceFailure
from ingest.cameras.telemetry import Telemetry
from ingest.cameras.tls import TlsOptions, tls_failure
from ingest.clock import Clock

LIVE_MAX_PIXELS = 16_000_000
"""Largest picture taken from a stream unless the configuration allows more: each costs its fourfold in bytes."""


_PROBE_TIMEOUT_S = 4.0


@dataclass(frozen=True)
class StreamOptions:
    """How a network stream is read.

    Attributes:
        decode: Key frames alone, all frames, or as measured.
        transport: How RTP travels: ``tcp``, ``udp``, or ``auto`` (TCP, and UDP where the camera refuses that).
        tls: Whom to trust.
        max_pixels: Larger pictures are refused.
        open_timeout_s: TCP, handshake and probing together.
        read_timeout_s: Silence after which a connection counts as dead.
    """

    decode: DecodeChoice = DecodeChoice.AUTO
    transport: str = "tcp"
    tls: TlsOptions = field(default_factory=TlsOptions)
    max_pixels: int = LIVE_MAX_PIXELS
    open_timeout_s: float = OPEN_TIMEOUT_S
    read_timeout_s: float = READ_TIMEOUT_S


@dataclass(frozen=True)
class Reading:
    """What all readers of one camera share."""

    options: StreamOptions
    policy: SourcePolicy
    demand: Demand
    telemetry: Telemetry
    clock: Clock
    sub_stream: bool = False
    """Whether there is a sub-stream to turn to when key frames are sparse."""

    def decoder(self, stream: VideoStream, meter: KeyFrameMeter) -> PacketDecoder:
        """A decoder for ``stream``."""
        return PacketDecoder(
            stream,
            self.demand,
            self.telemetry,
            meter,
            clock=self.clock,
            choice=self.options.decode,
            max_pixels=self.options.max_pixels,
            sub_stream=self.sub_stream,
        )


class RtspReader:
    """Connects to an RTSP camera; call it for a context that yields its frames."""

    def __init__(self, address: Address, reading: Reading) -> None:
        self._address = address
        self._reading = reading

    @contextmanager
    def __call__(self) -> Iterator[Iterator[LazyPicture | None]]:
        """Raises SourceError when the stream cannot be opened or breaks."""
        container, stream = self._open()
        governor = Governor(self._reading.demand, clock=self._reading.clock)
        try:
            yield pictures_of(container, stream, self._reading, governor)
        finally:
            container.close()

    def _open(self) -> tuple[InputContainer, VideoStream]:
        options = self._reading.options
        self._reading.policy.check(self._address)
        is_tls = self._address.target.lower().startswith("rtsps:")
        try:
            return open_container(
                self._address,
                extra={**_transport(options.transport), **(options.tls.for_ffmpeg() if is_tls else {})},
                open_timeout_s=options.open_timeout_s,
                read_timeout_s=options.read_timeout_s,
                max_pixels=options.max_pixels,
            )
        except SourceError as error:
            if is_tls and error.reason in (SourceFailure.UNREACHABLE, SourceFailure.UNKNOWN):
                why = tls_failure(
                    self._address.target, options.tls, timeout_s=min(options.open_timeout_s, _PROBE_TIMEOUT_S)
                )
                raise why or error from None
            raise


def _transport(transport: str) -> dict[str, str]:
    if transport == "auto":
        return {"rtsp_flags": "prefer_tcp"}
    return {"rtsp_transport": transport}


def pictures_of(
    container: InputContainer,
    stream: VideoStream,
    reading: Reading,
    governor: Governor,
    *,
    meter: KeyFrameMeter | None = None,
) -> Iterator[LazyPicture | None]:
    """The pictures of an open stream until it ends or the source is closed, ``None`` for packets that give none.

    Raises:
        SourceError: It breaks.
        SparseKeyFramesError: See :class:`PacketDecoder`.
    """
    decoder = reading.decoder(stream, meter or KeyFrameMeter())
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            raise cause_of(error) from None
        if packet is None:
            return
        throttled = governor.throttled
        if not governor.admit(None if packet.dts is None else float(packet.dts * packet.time_base)):
            return
        reading.telemetry.count("packets_throttled", governor.throttled - throttled)
        yield None
        yield from decoder.pictures(packet)
