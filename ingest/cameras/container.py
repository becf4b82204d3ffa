"""Opening media with PyAV under limits: no foreign protocols, no playlists, no giant frames, typed failures.

FFmpeg itself connects to RTSP cameras only; what comes over HTTP is fetched by :mod:`ingest.cameras.http`.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any, Protocol

import av
import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ingest.cameras.address import Address, AddressKind
from ingest.cameras.source import MAX_PIXELS, Image, SourceError, SourceFailure
from ingest.sanitise import sanitise

OPEN_TIMEOUT_S = 8.0
"""Live sources: TCP, handshake and stream probing together; slow cameras need about three seconds."""

READ_TIMEOUT_S = 8.0
"""Live sources: silence on an open connection after which it counts as dead."""

# Playlists and the concat demuxer (hls, dash, concat, sdp) are absent on purpose: they open further addresses,
# so a file or camera could make the node read other files or reach other hosts.
_FILE_FORMATS = (
    "avi,mov,mp4,matroska,webm,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,mjpeg,m4v,rawvideo,yuv4mpegpipe"
)
_HTTP_FORMATS = "mpjpeg,mjpeg,mpegts,mpeg,flv,matroska,webm,mov,mp4,h264,hevc,asf,avi,ogg"

_OPTIONS: Mapping[AddressKind, Mapping[str, str]] = {
    AddressKind.FILE: {"protocol_whitelist": "file", "format_whitelist": _FILE_FORMATS},
    # TCP unless told otherwise: lost UDP packets show as smeared pictures, which look like changes of the scene.
    AddressKind.RTSP: {"rtsp_transport": "tcp", "protocol_whitelist": "rtsp,rtsps,rtp,udp,tcp,tls,crypto"},
    # No protocol at all: the bytes are handed in, and nothing in them may open anything.
    AddressKind.HTTP: {"protocol_whitelist": "none", "format_whitelist": _HTTP_FORMATS},
}


class Content(Protocol):
    """Bytes that are read forwards."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        ...


_PROBED_STREAMS = 8

_CAUSES: tuple[tuple[type[Exception], SourceFailure], ...] = (
    (av.error.HTTPUnauthorizedError, SourceFailure.UNAUTHORISED),
    (av.error.HTTPForbiddenError, SourceFailure.UNAUTHORISED),
    (av.error.HTTPNotFoundError, SourceFailure.NOT_FOUND),
    (av.error.HTTPServerError, SourceFailure.SERVER_ERROR),
    (av.error.HTTPError, SourceFailure.REFUSED),
    (av.error.FileNotFoundError, SourceFailure.NOT_FOUND),
    (av.error.ConnectionRefusedError, SourceFailure.REFUSED),
    (av.error.TimeoutError, SourceFailure.TIMED_OUT),
    (av.error.ExitError, SourceFailure.TIMED_OUT),
    (av.error.EOFError, SourceFailure.STREAM_ENDED),
    (av.error.ConnectionResetError, SourceFailure.STREAM_ENDED),
    (av.error.BrokenPipeError, SourceFailure.STREAM_ENDED),
    (av.error.InvalidDataError, SourceFailure.CORRUPT),
    (av.error.ArgumentError, SourceFailure.UNSUPPORTED),
    (av.error.DecoderNotFoundError, SourceFailure.UNSUPPORTED),
    (av.error.DemuxerNotFoundError, SourceFailure.UNSUPPORTED),
    (av.error.ProtocolNotFoundError, SourceFailure.UNSUPPORTED),
    (OSError, SourceFailure.UNREACHABLE),
)


_ERRNOS = {
    errno.EPROTONOSUPPORT: SourceFailure.UNSUPPORTED,
    errno.ECONNABORTED: SourceFailure.STREAM_ENDED,
    errno.ENOMEM: SourceFailure.TOO_LARGE,
}


def cause_of(error: Exception) -> SourceError:
    """The typed cause of a PyAV failure; FFmpeg repeats the address in its messages, so they are sanitised."""
    reason = _ERRNOS.get(getattr(error, "errno", None) or 0)
    if reason is None:
        reason = next((reason for kind, reason in _CAUSES if isinstance(error, kind)), SourceFailure.UNKNOWN)
    return SourceError(reason, sanitise(str(error))[:300])


def open_container(
    address: Address,
    *,
    content: Content | None = None,
    extra: Mapping[str, str] | None = None,
    open_timeout_s: float = OPEN_TIMEOUT_S,
    read_timeout_s: float = READ_TIMEOUT_S,
    max_pixels: int = MAX_PIXELS,
) -> tuple[InputContainer, VideoStream]:
    """Open a file or stream and find its first video stream, ready to decode on one thread.

    Args:
        address: What to open.
        content: Where the bytes come from, for addresses that FFmpeg may not open itself.
        extra: Further options of FFmpeg.
        open_timeout_s, read_timeout_s: Limits of live sources, in seconds.
        max_pixels: Larger pictures are refused before they are allocated.

    Raises:
        SourceError: With the typed cause.
    """
    timeout = (open_timeout_s, read_timeout_s) if address.live and content is None else None
    options = {**_OPTIONS[address.kind], **(extra or {})}
    if "rtsp_flags" in options:
        del options["rtsp_transport"]
    # Probing decodes as well, with decoders of its own, one for each of the first streams.
    limits: Any = [{"max_pixels": str(max_pixels)}] * _PROBED_STREAMS
    target: Any = address.target if content is None else content
    try:
        container = av.open(target, options=options, stream_options=limits, timeout=timeout)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise cause_of(error) from None
    if not container.streams.video:
        container.close()
        raise SourceError(SourceFailure.NO_VIDEO, "it holds no video stream")
    stream = container.streams.video[0]
    try:
        _check_size(stream, max_pixels)
    except SourceError:
        container.close()
        raise
    # One thread: cameras share the box, and several decoder threads each only add frames of delay.
    stream.thread_type = "NONE"
    # FFmpeg checks this before it allocates, also when the size changes in mid-stream.
    stream.codec_context.options = {"max_pixels": str(max_pixels)}
    return container, stream


def _check_size(stream: VideoStream, max_pixels: int) -> None:
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > max_pixels:
        raise SourceError(
            SourceFailure.TOO_LARGE, f"header claims {width} x {height} pixels; the limit is {max_pixels}"
        )
    if width * height == 0:
        # Probing was not allowed to decode what its headers announce; without headers there was nothing to decode.
        if stream.codec_context.extradata:
            raise SourceError(SourceFailure.TOO_LARGE, f"pictures of more than {max_pixels} pixels")
        raise SourceError(SourceFailure.CORRUPT, f"no picture of at most {max_pixels} pixels could be decoded")


def to_bgr(frame: VideoFrame, *, max_pixels: int = MAX_PIXELS) -> Image:
    """The frame's pixels, uint8 H x W x 3, BGR.

    Raises:
        SourceError: ``TOO_LARGE``, or ``CORRUPT`` where the pixels cannot be converted.
    """
    if frame.width * frame.height > max_pixels:
        raise SourceError(SourceFailure.TOO_LARGE, f"{frame.width} x {frame.height} pixels")
    try:
        return np.ascontiguousarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
    except (av.error.FFmpegError, ValueError) as error:
        raise SourceError(SourceFailure.CORRUPT, sanitise(str(error))[:300]) from None
