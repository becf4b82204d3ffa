"""The picture beside an alarm: of the right camera, of the right time, covered or withheld."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from edge.evidence import EvidenceMaker
from edge.pictures import PictureStore
from edge.sensors.snapshot import MOST_AGE_S, Eye, Shot, Snapshots, distance_m, nearest
from ingest.clock import ManualClock
from ingest.messages import EvidenceRole, IncidentOpened, Position
from tests.edge.doubles import START, FakeDetector, card, open_spool
from tests.edge.sensors.doubles import LOUD, events, room, section, worker

FRAME = np.full((60, 80, 3), 90, np.uint8)


class PrivacyDetector(FakeDetector):
    """Knows all that must be covered."""

    @property
    def card(self):  # type: ignore[no-untyped-def] # as its parent
        return card().model_copy(update={"classes": {0: "vehicle", 1: "person", 2: "two_wheeler"}})


def eye(name: str, east_m: float | None, shot: Shot | None = None) -> Eye:
    place = None if east_m is None else Position(latitude=0.0, longitude=east_m / 111_194.9, uncertainty_m=5.0)
    return Eye(name, place, lambda: shot)


HERE = {"latitude": 0.0, "longitude": 0.0}


def chosen(folder: Path, *eyes: Eye, **changes: object) -> str | None:
    found = nearest(section(folder, [], **changes), {one.name: one for one in eyes})
    return None if found is None else found.name


def test_the_named_camera_comes_before_the_nearest_and_none_is_too_far(tmp_path: Path) -> None:
    cameras = (eye("far", 150.0), eye("near", 20.0), eye("lost", None))
    assert chosen(tmp_path, *cameras, position=HERE) == "near"
    assert chosen(tmp_path, *cameras, position=HERE, camera="far") == "far"
    assert chosen(tmp_path, *cameras, position=HERE, snapshot_within_m=10.0) is None
    assert chosen(tmp_path, *cameras) is None


def test_distance_across_the_date_line() -> None:
    def at(longitude: float) -> Position:
        return Position(latitude=0.0, longitude=longitude, uncertainty_m=1.0)

    assert distance_m(at(179.9999), at(-179.9999)) == pytest.approx(22.2, abs=0.1)


def taken(folder: Path, shot: Shot | None, detector: FakeDetector | None = None) -> tuple[IncidentOpened, int]:
    """The incident of a loud street with that picture at hand, and how many pictures wait to be sent."""
    clock = ManualClock(START)
    database, spool = open_spool(folder, clock=clock)
    maker = EvidenceMaker(detector or PrivacyDetector(), PictureStore(database, folder / "evidence"))
    shared = room(folder, database, spool, clock)
    one = worker(section(folder, [LOUD] * 5), shared, Snapshots(eye("north", 0.0, shot), maker))
    one.start()
    assert one.wait_finished(30)
    one.stop()
    (opened,) = [event.data for event in events(spool) if isinstance(event.data, IncidentOpened)]
    return opened, shared.pictures.queued()


def test_the_alarm_carries_the_cameras_picture(tmp_path: Path) -> None:
    opened, queued = taken(tmp_path, Shot(FRAME, START + timedelta(seconds=29)))
    (picture,) = opened.evidence.pictures
    assert (picture.role, picture.camera, picture.taken_at) == (
        EvidenceRole.WIDE,
        "north",
        START + timedelta(seconds=29),
    )
    assert (queued, opened.evidence.withheld) == (1, None)


@pytest.mark.parametrize(
    ("shot", "why"),
    [
        (None, "camera_has_no_picture"),
        (Shot(FRAME, START - timedelta(seconds=MOST_AGE_S)), "picture_too_old"),
        (Shot(FRAME[:, :, 0], START), "bad_frame"),
    ],
)
def test_a_picture_that_cannot_be_is_withheld_and_the_alarm_is_not(
    tmp_path: Path, shot: Shot | None, why: str
) -> None:
    opened, queued = taken(tmp_path, shot)
    assert (opened.evidence.withheld, opened.evidence.pictures, queued) == (why, (), 0)


def test_a_detector_that_cannot_cover_costs_the_picture_only(tmp_path: Path) -> None:
    broken = PrivacyDetector()
    broken.broken = True
    opened, queued = taken(tmp_path, Shot(FRAME, START), broken)
    assert (opened.evidence.withheld, queued) == ("detector_failed", 0)
