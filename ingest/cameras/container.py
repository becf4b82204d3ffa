"""Opening media with PyAV under limits: no foreign protocols, no playlists, no giant frames, typed failures."""

from __future__ import annotations

from collections.abc import Mapping

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
    # TCP, because lost UDP packets show as smeared pictures, which look like changes of the scene.
    AddressKind.RTSP: {"rtsp_transport": "tcp", "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls,crypto"},
    AddressKind.HTTP: {"protocol_whitelist": "http,https,tcp,tls,crypto", "format_whitelist": _HTTP_FORMATS},
}

_CAUSES: tuple[tuple[type[Exception], SourceFailure], ...] = (
    (av.error.HTTPUnauthorizedError, SourceFailure.UNAUTHORISED),
    (av.error.HTTPForbiddenError, SourceFailure.UNAUTHORISED),
    (av.error.HTTPNotFoundError, SourceFailure.NOT_FOUND),
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


def cause_of(error: Exception) -> SourceError:
    """The typed cause of a PyAV failure; FFmpeg repeats the address in its messages, so they are sanitised."""
    reason = next((reason for kind, reason in _CAUSES if isinstance(error, kind)), SourceFailure.UNKNOWN)
    return SourceError(reason, sanitise(str(error))[:300])


def open_container(
    address: Address,
    *,
    open_timeout_s: float = OPEN_TIMEOUT_S,
    read_timeout_s: float = READ_TIMEOUT_S,
    max_pixels: int = MAX_PIXELS,
) -> tuple[InputContainer, VideoStream]:
    """Open a file or stream and find its first video stream, ready to decode on one thread.

    Raises:
        SourceError: With the typed cause.
    """
    timeout = (open_timeout_s, read_timeout_s) if address.live else None
    try:
        container = av.open(address.target, options=dict(_OPTIONS[address.kind]), timeout=timeout)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise cause_of(error) from None
    if not container.streams.video:
        container.close()
        raise SourceError(SourceFailure.NO_VIDEO, "it holds no video stream")
    stream = container.streams.video[0]
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > max_pixels:
        container.close()
        raise SourceError(
            SourceFailure.TOO_LARGE, f"header claims {width} x {height} pixels; the limit is {max_pixels}"
        )
    # One thread: cameras share the box, and several decoder threads each only add frames of delay.
    stream.thread_type = "NONE"
    # FFmpeg checks this before it allocates, also when the size changes in mid-stream.
    stream.codec_context.options = {"max_pixels": str(max_pixels)}
    return container, stream


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
