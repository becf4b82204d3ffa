"""Evidence and wire records of an incident: redacted or withheld, complete, in words a person understands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from detectors.ground import GroundPlane, GroundPoint
from detectors.incidents import (
    BlindReason,
    Closed,
    CloseReason,
    Opened,
    OpenReason,
    SeesAgain,
    Updated,
    WentBlind,
)
from detectors.places.allowing import PermittedKind
from detectors.types import Detections, Frame
from edge.evidence import MIN_CROP_PX, EvidenceMaker, Gathered, crop
from edge.pictures import PictureStore
from edge.translate import CameraView, permitted_visits, reason_text, to_draft
from ingest.messages import (
    Blindness,
    Evidence,
    EvidenceRole,
    IncidentBase,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    Position,
)
from ingest.taxonomy import Category, ObjectClass
from tests.edge.doubles import START, FakeDetector, folder_camera, node_config, open_spool, standing

AT = START + timedelta(seconds=21)


class SeesOnePerson(FakeDetector):
    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        super().detect(frames)
        person = Detections(
            np.array([[0.6, 0.2, 0.8, 0.8]], np.float32), np.array([0.2], np.float32), (ObjectClass.PERSON,)
        )
        return [person for _ in frames]


def street(width: int = 640, height: int = 480) -> Frame:
    rng = np.random.default_rng(1)
    return rng.integers(60, 255, (height, width, 3), dtype=np.uint8)


def gathered(
    tmp_path: Path, detector: FakeDetector, *, background: Frame | None = None, **changes: object
) -> tuple[Gathered, PictureStore]:
    database, _ = open_spool(tmp_path)
    store = PictureStore(database, tmp_path / "evidence")
    maker = EvidenceMaker(detector, store)
    opened = Opened(AT, standing("east", AT, **changes), OpenReason.DWELL_EXCEEDED)
    return maker.gather(opened, maker.cover(street()), background), store


def test_an_incident_has_wide_crop_and_before_on_disk(tmp_path: Path) -> None:
    result, store = gathered(tmp_path, FakeDetector(), background=street(320, 240))
    roles = [picture.role for picture in result.evidence.pictures]
    assert roles == [EvidenceRole.WIDE, EvidenceRole.CROP, EvidenceRole.BEFORE]
    for picture in result.evidence.pictures:
        content = store.path(picture.sha256).read_bytes()
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        assert (len(content), image.shape[:2]) == (picture.bytes, (picture.height, picture.width))


def test_what_stood_there_at_the_start_has_no_before(tmp_path: Path) -> None:
    result, _ = gathered(tmp_path, FakeDetector(), background=street(320, 240), present_at_start=True)
    assert EvidenceRole.BEFORE not in [picture.role for picture in result.evidence.pictures]


def test_people_are_covered_before_anything_reaches_the_disk(tmp_path: Path) -> None:
    result, store = gathered(tmp_path, SeesOnePerson())
    wide = cv2.imdecode(
        np.frombuffer(store.path(result.evidence.pictures[0].sha256).read_bytes(), np.uint8), cv2.IMREAD_COLOR
    )
    assert wide is not None
    covered, free = wide[200:300, 400:500].astype(float), wide[200:300, 20:120].astype(float)
    assert np.abs(np.diff(covered, axis=1)).mean() < np.abs(np.diff(free, axis=1)).mean() / 3


def test_without_redaction_there_is_no_picture_only_the_reason(tmp_path: Path) -> None:
    detector = FakeDetector()
    detector.broken = True
    result, store = gathered(tmp_path, detector)
    assert result.evidence == Evidence(withheld="detector_failed")
    assert result.stored == ()
    assert list(store.path("x").parent.iterdir()) == []


def test_a_disk_that_takes_nothing_withholds_the_picture_not_the_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: PictureStore, _content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PictureStore, "write", full)
    result, _ = gathered(tmp_path, FakeDetector())
    assert result.evidence == Evidence(withheld="storage_failed")


@pytest.mark.parametrize(
    "box", [(0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.01, 0.01), (0.99, 0.99, 1.0, 1.0), (0.4, 0.4, 0.401, 0.401)]
)
def test_a_crop_is_never_empty_and_shows_the_surroundings(box: tuple[float, float, float, float]) -> None:
    shape = crop(street(), box).shape
    assert min(shape[:2]) >= MIN_CROP_PX // 2
    assert crop(street(1, 1), box).shape == (1, 1, 3)


def view(tmp_path: Path, *, plane: GroundPlane | None = None, fixed: Position | None = None) -> CameraView:
    (tmp_path / "pictures").mkdir(exist_ok=True)
    camera = node_config(tmp_path, folder_camera(tmp_path / "pictures")).cameras[0]
    zones = {zone.name: zone for zone in camera.zones}
    return CameraView("north", "/xuhui/j17/north", zones, "fake 1", plane, fixed)


def test_an_opened_incident_says_all_that_the_operator_needs(tmp_path: Path) -> None:
    place = Position(latitude=31.2, longitude=121.4, uncertainty_m=25.0)
    opened = Opened(AT, standing("east", AT), OpenReason.DWELL_EXCEEDED)
    draft = to_draft(opened, view(tmp_path, fixed=place), Evidence(withheld="too_dark"))
    data = draft.data
    assert isinstance(data, IncidentOpened)
    assert (draft.source, draft.at, draft.subject) == ("/xuhui/j17/north", AT, str(opened.standing.incident_id))
    assert data.reason == "vehicle stood 21 s in east (allowed 20 s)"
    assert data.reason_code == "dwell_exceeded"
    assert data.zone_polygon == ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))
    assert data.position == place
    assert data.evidence.withheld == "too_dark"


def test_the_reason_tells_start_and_unobserved_time() -> None:
    text = reason_text(standing("east", AT, present_at_start=True, bridged_s=9.0, threshold_s=20.5))
    assert text == "vehicle stood at least 30 s in east (allowed 20.5 s, 9 s of it unobserved)"


STALL = {"object_class": ObjectClass.STALL, "category": Category.STREET_VENDOR}


@pytest.mark.parametrize(
    ("attended", "says"),
    [
        (0.85, "; somebody stood at it in 85% of the looks"),
        (0.0, "; unattended: nobody stood at it"),
        (None, ""),
    ],
)
def test_the_reason_tells_whether_somebody_stood_at_the_stall(attended: float | None, says: str) -> None:
    text = reason_text(standing("east", AT, attended=attended, **STALL))
    assert text == f"stall stood 21 s in east (allowed 20 s){says}"


def test_the_reason_tells_whose_permit_has_ended() -> None:
    text = reason_text(standing("east", AT, **STALL), OpenReason.PERMIT_ENDED, "snacks")
    assert text == "stall stood 21 s in east after its permitted hours (permit for snacks) (allowed 20 s)"


def test_every_report_carries_what_is_known_of_the_vendor_and_of_abandonment(tmp_path: Path) -> None:
    known = standing("east", AT, attended=0.5, abandoned_at=START)
    for told in (
        Opened(AT, known, OpenReason.DWELL_EXCEEDED),
        Updated(AT, known),
        Closed(AT, known, CloseReason.PERMITTED),
    ):
        data = to_draft(told, view(tmp_path), Evidence()).data
        assert isinstance(data, IncidentBase)
        assert (data.attended, data.abandoned_at) == (0.5, START)


def test_permitted_visits_are_told_the_most_frequent_first() -> None:
    kinds = {PermittedKind("a", Category.GARBAGE): 1, PermittedKind("b", Category.STREET_VENDOR, "snacks"): 7}
    told = permitted_visits(kinds)
    assert [(one.zone, one.category, one.trade, one.visits) for one in told] == [
        ("b", Category.STREET_VENDOR, "snacks", 7),
        ("a", Category.GARBAGE, "", 1),
    ]


def test_updates_and_ends_carry_no_pictures(tmp_path: Path) -> None:
    updated = to_draft(Updated(AT, standing("east", AT)), view(tmp_path), Evidence()).data
    assert isinstance(updated, IncidentUpdated)
    closed = to_draft(
        Closed(AT, standing("east", START), CloseReason.LOOKED_AND_ABSENT), view(tmp_path), Evidence()
    ).data
    assert isinstance(closed, IncidentClosed)
    assert (closed.ended_at, closed.reason_code) == (START, "looked_and_absent")


def test_blindness_has_a_beginning_and_an_end(tmp_path: Path) -> None:
    began = to_draft(WentBlind(AT, "east", START, BlindReason.DARK), view(tmp_path), Evidence()).data
    ended = to_draft(SeesAgain(AT, "east", START, BlindReason.DARK), view(tmp_path), Evidence()).data
    assert isinstance(began, Blindness)
    assert isinstance(ended, Blindness)
    assert (began.state, began.since, began.until) == ("began", START, None)
    assert (ended.state, ended.since, ended.until) == ("ended", START, AT)


def test_the_ground_below_the_box_is_its_position(tmp_path: Path) -> None:
    points = [
        GroundPoint(x, y, 31.2 - y * 0.0001, 121.4 + x * 0.0001) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    found = view(tmp_path, plane=GroundPlane.fit(points)).position_of(standing("east", AT))
    assert found is not None
    assert found.latitude == pytest.approx(31.2 - 0.5 * 0.0001, abs=1e-7)
    assert found.longitude == pytest.approx(121.4 + 0.375 * 0.0001, abs=1e-7)
