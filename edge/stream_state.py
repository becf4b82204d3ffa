"""A source's report as the heartbeat says it."""

from __future__ import annotations

from ingest.cameras import SourceReport
from ingest.messages import StreamState


def stream_state(report: SourceReport) -> StreamState:
    """For the wire: rounded, and without anything that could hold an address."""
    width, height = report.size or (0, 0)
    return StreamState(
        decoding="" if report.decoding is None else report.decoding.value,
        decoding_reason="" if report.decoding_reason is None else report.decoding_reason.value,
        key_frame_distance_s=None
        if report.key_frame_distance_s is None
        else round(report.key_frame_distance_s, 3),
        sub_stream=report.sub_stream,
        width=width,
        height=height,
        time_from="sender" if report.sender_clock else "arrival",
        sender_offset_s=None if report.sender_offset_s is None else round(report.sender_offset_s, 3),
        hung_readers=report.hung_readers,
        failure="" if report.failure is None else report.failure.value,
    )
