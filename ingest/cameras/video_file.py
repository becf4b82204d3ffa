"""A recording as a camera: pulled, looked at once per interval of media time.

Key frames may lie half a minute apart, so every frame is decoded unless the configuration asks for key frames alone;
only those that are looks become BGR.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.cameras.address import Address
from ingest.cameras.container import cause_of, open_container, to_bgr
from ingest.cameras.key_frames import Decision, KeyFrameMeter
from ingest.cameras.schedule import LookGrid
from ingest.cameras.source import (
    MAX_PIXELS,
    Answer,
    Decoding,
    DecodingReason,
    End,
    Frame,
    NoPicture,
    SourceError,
    SourceFailure,
    SourceReport,
)

_FALLBACK_RATE = 25.0


class VideoFileSource:
    """A video file.

    Args:
        address: The file.
        look_interval_s: Seconds of media time between looks.
        clock_at: UTC instant of a position in seconds.
        resume_after_s: Position of the last look already taken; reading goes on behind it.
        key_frames_only: Looks are the first key frames of their intervals; nothing else is decoded but in bursts.
        max_pixels: Larger pictures are refused.
    """

    finite = True

    def __init__(
        self,
        address: Address,
        *,
        look_interval_s: float,
        clock_at: Callable[[float], datetime],
        resume_after_s: float | None = None,
        key_frames_only: bool = False,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._address = address
        self._clock_at = clock_at
        self._resume_after_s = resume_after_s
        self._key_frames_only = key_frames_only
        self._max_pixels = max_pixels
        self._meter = KeyFrameMeter()
        self._bursts = 0
        self._decoding_all = False
        self._size: tuple[int, int] | None = None
        self._grid = LookGrid(look_interval_s, resume_after_s)
        self._container: InputContainer | None = None
        self._answers: Iterator[Answer] | None = None

    def read(self, timeout_s: float) -> Answer:
        """The next look; ``timeout_s`` means nothing to a file."""
        if self._answers is None:
            self._answers = self._looks()
        return next(self._answers, End())

    def full_rate(self, for_s: float) -> None:
        """Every frame for so many seconds of media time. Raises ValueError, see :func:`check_burst`.

        Where only key frames are decoded, it begins at the next one.
        """
        self._grid.full_rate(for_s)
        self._bursts += 1

    def report(self) -> SourceReport:
        """How it is read."""
        full = Decision(Decoding.FULL, DecodingReason.BURST if self._grid.in_burst else DecodingReason.CONFIGURED)
        only_keys = Decision(Decoding.KEY_FRAMES, DecodingReason.CONFIGURED)
        decision = only_keys if self._key_frames_only and not self._grid.in_burst else full
        return SourceReport(
            decoding=decision.decoding,
            decoding_reason=decision.reason,
            key_frame_distance_s=self._meter.distance_s,
            size=self._size,
            counters={"bursts": self._bursts} if self._bursts else {},
        )

    def close(self) -> None:
        """Close the file."""
        self._answers = None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _looks(self) -> Iterator[Answer]:
        for position_s, found in self._positions():
            if not self._grid.is_due(position_s):
                continue
            self._grid.take(position_s)
            yield self._answer(position_s, found)

    def _answer(self, position_s: float, found: VideoFrame | SourceError) -> Answer:
        at = self._clock_at(position_s)
        try:
            if isinstance(found, SourceError):
                raise found
            if found.is_corrupt:
                raise SourceError(SourceFailure.CORRUPT, "the decoder marks the frame as damaged")
            self._size = (found.width, found.height)
            return Frame(to_bgr(found, max_pixels=self._max_pixels), at, position_s)
        except SourceError as error:
            return NoPicture(error.reason, error.detail, at, position_s)

    def _positions(self) -> Iterator[tuple[float, VideoFrame | SourceError]]:
        """Every decoded frame behind the resume position, or the failure that stands in its place."""
        stream = self._open()
        resume_s = self._resume_after_s
        if resume_s is not None and resume_s > 0:
            stream = self._seek(stream, resume_s)
        start_s = float((stream.start_time or 0) * (stream.time_base or 0))
        step_s = 1.0 / float(stream.average_rate or stream.guessed_rate or _FALLBACK_RATE)
        position_s = -step_s
        for found in self._decode(stream):
            stamp = found.time if isinstance(found, VideoFrame) else None
            expected_s = position_s + step_s
            # A time stamp that is missing or runs backwards would stop media time; the frame rate carries it on.
            position_s = stamp - start_s if stamp is not None and stamp - start_s > position_s else expected_s
            yield max(0.0, position_s), found

    def _decode(self, stream: VideoStream) -> Iterator[VideoFrame | SourceError]:
        container = self._container
        if container is None:
            return
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                # The container itself is damaged from here on: what was read stands, the rest is the end.
                return
            if packet is None:
                return
            if packet.size and packet.pts is not None and stream.time_base is not None:
                self._meter.saw(float(packet.pts * stream.time_base), is_key=packet.is_keyframe)
            try:
                yield from self._frames(packet, stream)
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                yield cause_of(error)

    def _frames(self, packet: Packet[VideoStream], stream: VideoStream) -> Sequence[VideoFrame]:
        """What a packet gives; a key frame alone is drained at once, or the decoder would keep it for the next."""
        if not self._key_frames_only or (self._grid.in_burst and self._decoding_all):
            return packet.decode()
        self._decoding_all = self._grid.in_burst and packet.is_keyframe
        if self._decoding_all:
            return packet.decode()
        if not packet.is_keyframe:
            return ()
        try:
            return [*packet.decode(), *stream.codec_context.decode(None)]
        finally:
            stream.codec_context.flush_buffers()

    def _open(self) -> VideoStream:
        if self._container is not None:
            self._container.close()
        self._container, stream = open_container(self._address, max_pixels=self._max_pixels)
        return stream

    def _seek(self, stream: VideoStream, position_s: float) -> VideoStream:
        """To the key frame before ``position_s``; to the beginning where the file cannot seek truly."""
        assert self._container is not None
        if stream.time_base is None:
            return self._open()
        target = (stream.start_time or 0) + int(position_s / stream.time_base)
        try:
            self._container.seek(target, stream=stream, backward=True)
            first = next(iter(self._container.decode(stream)), None)
            if first is not None and first.pts is not None and first.pts <= target:
                self._container.seek(target, stream=stream, backward=True)
                return stream
        except av.error.FFmpegError:
            pass  # No index, or a broken one: reading from the start gives the same frames, only later.
        return self._open()
