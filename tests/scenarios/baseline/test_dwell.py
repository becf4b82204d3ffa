"""The baseline does what its name says, its weaknesses included: they are the library's, not ours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.taxonomy import ObjectClass
from scenarios.baseline.dwell import baseline_report
from scenarios.baseline.looks import DetectedLook
from scenarios.baseline.tracker import LOST_AFTER_LOOKS
from scenarios.language.claims import Subject
from scenarios.truth import Truth

Box = tuple[float, float, float, float]
Seen = Sequence[tuple[ObjectClass, Box]]

CAR = (ObjectClass.VEHICLE, (0.40, 0.40, 0.60, 0.55))
WHOLE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
BAY = {"name": "bay", "purpose": "parking_bay", "polygon": [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]]}


def truth(*, dwell_s: float = 10.0, min_score: float = 0.0, more_zones: Sequence[object] = ()) -> Truth:
    rule = {"category": "parked_vehicle", "dwell_s": dwell_s, "min_score": min_score}
    zone = {"name": "kerb", "purpose": "no_stopping", "polygon": WHOLE, "rules": [rule]}
    zones = [{"zone": zone}, *({"zone": other} for other in more_zones)]
    return Truth.model_validate(
        {
            "scenario": "hand-made",
            "seed": 1,
            "tier": "detections",
            "starts_at": "2026-03-02T02:00:00Z",
            "duration_s": 1000,
            "cameras": [{"name": "north", "width": 640, "height": 360, "fps": 1, "zones": zones}],
            "problems": [],
        }
    )


def look(at_s: float, seen: Seen, score: float = 0.8) -> DetectedLook:
    boxes = np.array([box for _, box in seen], np.float32).reshape(-1, 4)
    return DetectedLook(at_s, boxes, np.full(len(seen), score, np.float32), tuple(kind for kind, _ in seen))


def looks(*spans: tuple[Seen, int]) -> list[DetectedLook]:
    """One look a second: what is seen, and for how many looks."""
    row: list[Seen] = [seen for seen, count in spans for _ in range(count)]
    return [look(float(second), seen) for second, seen in enumerate(row)]


def test_a_parked_car_is_raised_once_after_the_dwell_of_its_rule() -> None:
    report = baseline_report(truth(), {"north": looks(([CAR], 60))})
    (incident,) = report.incidents
    assert incident.category is Subject.PARKED_VEHICLE
    assert (incident.first_seen_s, incident.raised_s, incident.ended_s) == (0.0, 10.0, None)
    assert incident.last_seen_s == 59.0
    assert np.allclose(incident.boxes[0].box, CAR[1], atol=1e-4)
    (case,) = report.cases
    assert case.incidents == (incident.id,)
    assert (report.system, report.looks, report.failed_looks) == ("baseline", 60, 0)


def test_misses_within_the_trackers_buffer_keep_the_track() -> None:
    report = baseline_report(truth(), {"north": looks(([CAR], 20), ([], LOST_AFTER_LOOKS - 1), ([CAR], 30))})
    (incident,) = report.incidents
    assert incident.ended_s is None


def test_a_burst_of_misses_longer_than_the_buffer_makes_a_second_incident() -> None:
    gap = LOST_AFTER_LOOKS + 3
    report = baseline_report(truth(), {"north": looks(([CAR], 20), ([], gap), ([CAR], 30))})
    first, second = report.incidents
    assert first.last_seen_s == 19.0
    assert first.ended_s == 19.0 + LOST_AFTER_LOOKS + 1
    assert first.end_reason == "track_lost"
    assert second.first_seen_s >= 20 + gap
    assert len(report.cases) == 2


def crossing(step: float) -> list[DetectedLook]:
    """A car that crosses the picture at ``step`` frame widths a second."""
    places = np.arange(0.0, 0.8, step)
    return [
        look(float(at), [(ObjectClass.VEHICLE, (float(x), 0.4, float(x) + 0.2, 0.55))])
        for at, x in enumerate(places)
    ]


def test_the_stay_of_a_car_that_drives_on_into_a_bay_ends_where_it_left_the_zone() -> None:
    beside = BAY | {"polygon": [[0.7, 0.0], [1.0, 0.0], [1.0, 1.0], [0.7, 1.0]]}
    drives = [
        look(float(20 + n), [(ObjectClass.VEHICLE, (0.4 + n / 20, 0.4, 0.6 + n / 20, 0.55))]) for n in range(7)
    ]
    rests = [look(float(27 + n), [(ObjectClass.VEHICLE, (0.7, 0.4, 0.9, 0.55))]) for n in range(40)]
    report = baseline_report(truth(more_zones=[beside]), {"north": [*looks(([CAR], 20)), *drives, *rests]})
    (incident,) = report.incidents
    assert 20.0 <= incident.last_seen_s <= 24.0
    assert incident.ended_s is not None


def test_a_car_that_passes_is_not_raised() -> None:
    assert baseline_report(truth(), {"north": crossing(0.1)}).incidents == ()


def test_a_car_that_crawls_through_a_zone_is_raised_for_nothing_asks_whether_it_stands() -> None:
    assert len(baseline_report(truth(), {"north": crossing(0.03)}).incidents) == 1


@pytest.mark.parametrize("kind", [ObjectClass.PERSON, ObjectClass.GARBAGE])
def test_what_no_rule_forbids_is_not_raised(kind: ObjectClass) -> None:
    report = baseline_report(truth(), {"north": looks(([(kind, CAR[1])], 60))})
    assert report.incidents == ()


def test_a_bay_allows_what_the_zone_around_it_forbids_as_it_does_for_the_node() -> None:
    report = baseline_report(truth(more_zones=[BAY]), {"north": looks(([CAR], 60))})
    assert report.incidents == ()


def test_sightings_below_the_rules_own_score_start_no_timer() -> None:
    report = baseline_report(truth(min_score=0.9), {"north": looks(([CAR], 60))})
    assert report.incidents == ()


def test_blind_looks_are_counted_and_never_reach_the_tracker() -> None:
    gap = [DetectedLook.nothing(20.0 + second, blind=True) for second in range(60)]
    seen = [look(at, [CAR]) for at in (*map(float, range(20)), *map(float, range(80, 100)))]
    report = baseline_report(truth(), {"north": [*seen[:20], *gap, *seen[20:]]})
    assert len(report.incidents) == 1
    assert (report.looks, report.failed_looks) == (40, 60)


def test_two_cameras_share_no_track() -> None:
    row = looks(([CAR], 30))
    both = truth().model_dump(mode="json")
    both["cameras"].append(both["cameras"][0] | {"name": "south"})
    report = baseline_report(Truth.model_validate(both), {"north": row, "south": row})
    assert {incident.camera for incident in report.incidents} == {"north", "south"}
    assert len({incident.id for incident in report.incidents}) == 2


def test_a_look_whose_columns_differ_is_refused() -> None:
    with pytest.raises(ValueError, match="look at 3 s: boxes"):
        DetectedLook(3.0, np.zeros((1, 4), np.float32), np.zeros(0, np.float32), ())
    with pytest.raises(ValueError, match="blind, yet it saw 1"):
        DetectedLook(
            3.0, np.zeros((1, 4), np.float32), np.zeros(1, np.float32), (ObjectClass.VEHICLE,), blind=True
        )
