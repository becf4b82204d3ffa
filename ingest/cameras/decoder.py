"""Packets to pictures: key frames alone, or all frames, as the stream and the looks ask for it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import av.error
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.cameras.container import cause_of, to_bgr
from ingest.cameras.demand import Demand
from ingest.cameras.key_frames import Decision, DecodeChoice, KeyFrameMeter, decide
from ingest.cameras.presentation import Stamp
from ingest.cameras.source import Decoding, DecodingReason, Image, SourceError, SourceFailure
from ingest.cameras.telemetry import Telemetry
from ingest.clock import Clock

MAX_DAMAGED_IN_A_ROW = 500
"""Undecodable packets after which the stream is opened anew (twenty seconds at 25 per second)."""

MAX_GROUP_BYTES = 4 * 1024 * 1024
MAX_GROUP_PACKETS = 400
"""Packets since the last key frame that are kept, so that a burst starts at once and not at the next key frame."""


_OUT_OF_ORDER_S = 60.0
"""A picture older than the last by less than this was shown already; by more, the time base has jumped."""

NO_PICTURE_S = 60.0
"""Packets for so long, and three looks more, without a single picture: opened anew."""


class SparseKeyFramesError(Exception):
    """Key frames come less often than looks, and there is a sub-stream to try instead."""


class DecodedPicture:
    """A decoded frame that is converted when looked at."""

    def __init__(self, frame: VideoFrame, stamp: Stamp, max_pixels: int) -> None:
        self._frame = frame
        self._stamp = stamp
        self._max_pixels = max_pixels

    @property
    def stamp(self) -> Stamp:
        """What the stream says about its time."""
        return self._stamp

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR. Raises SourceError."""
        if self._frame.is_corrupt:
            raise SourceError(SourceFailure.CORRUPT, "the decoder marks the frame as damaged")
        return to_bgr(self._frame, max_pixels=self._max_pixels)


class PacketDecoder:
    """Decodes the packets of one connection.

    Args:
        stream: Where they come from.
        demand, telemetry: What is wanted, and where to tell what is done.
        meter: Measures key frames; may outlive the connection (segments).
        clock: Stands in for time stamps that are missing.
        choice: What the configuration says.
        sub_stream: Whether to raise :class:`SparseKeyFramesError` rather than decode everything.
    """

    def __init__(
        self,
        stream: VideoStream,
        demand: Demand,
        telemetry: Telemetry,
        meter: KeyFrameMeter,
        *,
        clock: Clock,
        choice: DecodeChoice,
        max_pixels: int,
        sub_stream: bool = False,
    ) -> None:
        self._stream = stream
        self._context = stream.codec_context
        self._demand = demand
        self._telemetry = telemetry
        self._meter = meter
        self._clock = clock
        self._choice = choice
        self._max_pixels = max_pixels
        self._sub_stream = sub_stream
        self._group: list[Packet[VideoStream]] = []
        self._group_bytes = 0
        self._primed = False
        self._damaged = 0
        self._last_s: float | None = None
        self._shown_s = clock.monotonic()
        self._sender_less_pts: float | None = None

    def pictures(self, packet: Packet[VideoStream]) -> Iterator[DecodedPicture]:
        """What comes of a packet.

        Raises:
            SparseKeyFramesError: See ``sub_stream``.
            SourceError: Too many damaged packets in a row.
        """
        if packet.size == 0:
            # The end: what the decoder kept back to put in order.
            if self._primed:
                yield from self._decoded([packet])
            return
        position_s = self._position(packet)
        self._meter.saw(position_s, is_key=packet.is_keyframe)
        self._note_sender(packet)
        self._keep(packet)
        silent_s = self._clock.monotonic() - self._shown_s
        if silent_s > NO_PICTURE_S + 3 * self._demand.look_interval_s:
            raise SourceError(SourceFailure.CORRUPT, f"{silent_s:.0f} s of packets, and no picture")
        if self._decide().decoding is Decoding.FULL:
            yield from self._in_full(packet)
        elif packet.is_keyframe and self._is_due(position_s):
            yield from self._alone(packet, position_s)

    def _decide(self) -> Decision:
        decision = decide(
            self._meter,
            look_interval_s=self._demand.look_interval_s,
            choice=self._choice,
            burst=self._demand.wants_full_rate,
            before=self._telemetry.decision,
        )
        if self._sub_stream and decision.reason is DecodingReason.SPARSE:
            raise SparseKeyFramesError
        self._telemetry.decides(decision, self._meter.distance_s)
        return decision

    def _is_due(self, position_s: float) -> bool:
        return self._demand.is_due(None if self._last_s is None else position_s - self._last_s)

    # -- key frames ---------------------------------------------------------------------------------

    def _alone(self, packet: Packet[VideoStream], position_s: float) -> Iterator[DecodedPicture]:
        """The decoder is drained at once: it would keep a key frame back until later ones have put it in order."""
        self._primed = False
        try:
            frames = [*self._context.decode(packet), *self._context.decode(None)]
        except av.error.FFmpegError as error:
            self._damage(error)
            return
        finally:
            self._context.flush_buffers()
        if not frames:
            self._damage(av.error.InvalidDataError(0, "a key frame gave no picture"))
            return
        self._damaged = 0
        yield self._picture(frames[-1], position_s, has_pts=packet.pts is not None)

    # -- all frames ---------------------------------------------------------------------------------

    def _in_full(self, packet: Packet[VideoStream]) -> Iterator[DecodedPicture]:
        if self._primed:
            yield from self._decoded([packet])
            return
        # From the last key frame on; without one the decoder waits for the next by itself.
        self._context.flush_buffers()
        self._primed = True
        yield from self._decoded(list(self._group) or [packet])

    def _decoded(self, packets: list[Packet[VideoStream]]) -> Iterator[DecodedPicture]:
        for packet in packets:
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                self._damage(error)
                continue
            for frame in frames:
                self._damaged = 0
                position_s = self._seconds(frame.pts)
                at_s = self._clock.monotonic() if position_s is None else position_s
                if self._last_s is None or not 0 <= self._last_s - at_s < _OUT_OF_ORDER_S:
                    yield self._picture(frame, at_s, has_pts=position_s is not None)

    def _picture(self, frame: VideoFrame, position_s: float, *, has_pts: bool) -> DecodedPicture:
        self._last_s, self._shown_s = position_s, self._clock.monotonic()
        if not has_pts:
            return DecodedPicture(frame, Stamp(), self._max_pixels)
        sender = None if self._sender_less_pts is None else self._sender_less_pts + position_s
        return DecodedPicture(frame, Stamp(position_s, sender), self._max_pixels)

    # -- books --------------------------------------------------------------------------------------

    def _position(self, packet: Packet[VideoStream]) -> float:
        found_s = self._seconds(packet.dts if packet.pts is None else packet.pts)
        return self._clock.monotonic() if found_s is None else found_s

    def _seconds(self, stamp: int | None) -> float | None:
        base = self._stream.time_base
        return None if stamp is None or base is None else float(stamp * base)

    def _note_sender(self, packet: Packet[VideoStream]) -> None:
        pts_s = self._seconds(packet.pts)
        if pts_s is None or not packet.has_sidedata("prft"):
            return
        # libavutil's AVProducerReferenceTime begins with microseconds since 1970, made from RTCP sender reports.
        raw = bytes(packet.get_sidedata("prft"))[:8]
        if len(raw) == 8:
            self._sender_less_pts = struct.unpack("=q", raw)[0] / 1e6 - pts_s

    def _keep(self, packet: Packet[VideoStream]) -> None:
        if packet.is_keyframe:
            self._group, self._group_bytes = [packet], packet.size
        elif self._group:
            self._group.append(packet)
            self._group_bytes += packet.size
            if self._group_bytes > MAX_GROUP_BYTES or len(self._group) > MAX_GROUP_PACKETS:
                self._telemetry.count("groups_too_long_to_keep")
                self._group, self._group_bytes = [], 0

    def _damage(self, error: av.error.FFmpegError) -> None:
        """One damaged packet is not the end of a stream; an endless row of them is."""
        self._damaged += 1
        self._telemetry.count("packets_damaged")
        if self._damaged > MAX_DAMAGED_IN_A_ROW:
            raise cause_of(error) from None
