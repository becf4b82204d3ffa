"""What the node says about itself fits the wire and holds no secret."""

from __future__ import annotations

from edge.health import StatusWriter
from ingest.clock import ManualClock
from ingest.logs import hide_credentials
from ingest.messages import CameraStatus, NodeStatus, parse_event
from ingest.signing import public_key_of, verify
from tests.edge.doubles import BOOT, KEY, START


def test_a_status_is_signed_and_bounded_whatever_is_counted() -> None:
    writer = StatusWriter(site="xuhui", node="j17", boot_id=BOOT, key=KEY, clock=ManualClock(START))
    payload = writer.payload(
        online=True,
        cameras=[CameraStatus(name=f"c{index}", state="looking") for index in range(256)],
        depth=(3, 900),
        counters={f"{'x' * 100}{index}": index for index in range(1000)} | {"a": 1},
    )
    event = parse_event(payload)
    assert isinstance(event.data, NodeStatus)
    assert (event.data.spool_depth, event.data.counters["a"], event.bootid) == (3, 1, BOOT)
    assert event.signature is not None
    assert verify(payload, event.signature, public_key_of(KEY))


def test_no_log_line_holds_a_password_whoever_wrote_it() -> None:
    line = hide_credentials(None, "info", {"event": "x", "error": "rtsp://a:s3cret@h/ refused", "count": 3})
    assert line == {"event": "x", "error": "rtsp://***@h/ refused", "count": 3}
