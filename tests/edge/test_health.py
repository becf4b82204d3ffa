"""What the node says about itself fits the wire and holds no secret."""

from __future__ import annotations

from edge.health import (
    CUT,
    MAX_COUNTERS,
    MAX_PERMITTED,
    PERMITTED_CUT,
    StatusWriter,
    most_important,
    most_permitted,
)
from ingest.clock import ManualClock
from ingest.logs import hide_credentials
from ingest.messages import MAX_MESSAGE_BYTES, CameraStatus, NodeStatus, PermittedVisits, parse_event
from ingest.signing import public_key_of, verify
from ingest.taxonomy import Category
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


def test_the_cut_keeps_what_tells_of_loss_then_what_counts_something_and_says_how_many_it_left_out() -> None:
    counters = {f"a_plain_{n:03}": 1 for n in range(MAX_COUNTERS)} | {f"b_zero_{n:03}": 0 for n in range(50)}
    counters |= {"zz_looks_failed": 3, "zz_places_evicted": 1, "zz_detector_engine_failed": 0}
    kept = most_important(counters)
    assert len(kept) == MAX_COUNTERS
    assert (kept["zz_looks_failed"], kept["zz_places_evicted"]) == (3, 1)
    assert kept[CUT] == len(counters) - (MAX_COUNTERS - 1)
    assert not any(name.startswith("b_zero") for name in kept)


def test_counters_that_fit_are_all_told_and_none_is_said_to_be_cut() -> None:
    counters = {f"c{n}": n for n in range(MAX_COUNTERS)}
    assert most_important(counters) == counters


def test_names_that_only_differ_where_they_are_cut_are_added_up() -> None:
    assert most_important({"x" * 100 + "1": 2, "x" * 100 + "2": 3}) == {"x" * 80: 5}


def busy(name: str, visits: int) -> CameraStatus:
    kinds = [
        PermittedVisits(zone=f"zone-{n}", category=Category.STREET_VENDOR, trade="小吃" * 60, visits=visits)
        for n in range(64)
    ]
    return CameraStatus(name=name, state="looking", permitted=tuple(kinds))


def test_a_heartbeat_fits_into_a_message_whatever_was_permitted() -> None:
    cameras = [busy(f"c{number}", number) for number in range(64)]
    kept, cut = most_permitted(cameras)
    assert sum(len(camera.permitted) for camera in kept) == MAX_PERMITTED
    assert cut == 64 * 64 - MAX_PERMITTED
    assert len(kept[-1].permitted) == 64
    assert not kept[0].permitted
    writer = StatusWriter(site="xuhui", node="j17", boot_id=BOOT, key=KEY, clock=ManualClock(START))
    payload = writer.payload(online=True, cameras=cameras)
    assert len(payload) < MAX_MESSAGE_BYTES
    event = parse_event(payload)
    assert isinstance(event.data, NodeStatus)
    assert event.data.counters[PERMITTED_CUT] == cut
