from __future__ import annotations

import json
from math import exp
from pathlib import Path
from typing import Any

import pytest

from ingest.taxonomy import ObjectClass
from models.catalogue import resolve
from scenarios.errors.profile import ProfileInvalid, load_profile, save_profile

_MISSES = ["classes", "vehicle", "misses"]


def _broken(path: Path, keys: list[str], value: Any) -> Path:
    content = json.loads(load_profile().model_dump_json(exclude_none=True))
    place = content
    for key in keys[:-1]:
        place = place[key]
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("keys", "value", "named"),
    [
        ([*_MISSES, "burst_s"], 0, "classes.vehicle.misses.burst_s = 0"),
        ([*_MISSES, "base"], None, "classes.vehicle.misses.base: Field required"),
        ([*_MISSES, "bursts"], 3, "classes.vehicle.misses.bursts"),
        (["classes", "stall", "reason"], "", "states its reason"),
        (["classes", "stall", "borrowed_from"], "garbage", "classes.stall.borrowed_from garbage is not measured"),
        (["provenance", "weights_sha256"], "abc", "provenance.weights_sha256 = 'abc'"),
        (["format"], "kerbwatch-errors/9", "format = 'kerbwatch-errors/9'"),
    ],
)
def test_a_bad_file_is_refused_naming_the_field(tmp_path: Path, keys: list[str], value: Any, named: str) -> None:
    path = _broken(tmp_path / "bad.json", keys, value)
    with pytest.raises(ProfileInvalid) as refused:
        load_profile(path)
    assert named in str(refused.value)
    assert "bad.json" in str(refused.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ProfileInvalid, match="kerbwatch-nano"):
        load_profile("kerbwatch-huge")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid, match=r"gone\.json: No such file"):
        load_profile(tmp_path / "gone.json")


def test_the_shipped_profile_belongs_to_the_shipped_weights() -> None:
    profile = load_profile()
    assert profile.provenance.weights_sha256 == resolve("kerbwatch-nano").card.sha256


def test_the_shipped_profile_says_of_each_class_whether_it_was_measured() -> None:
    classes = load_profile().classes
    assert {kind for kind, errors in classes.items() if errors.source == "measured"} == {
        ObjectClass.VEHICLE,
        ObjectClass.PERSON,
    }
    assert all(errors.sequences and errors.looks for errors in classes.values() if errors.source == "measured")
    assert all(
        errors.borrowed_from and errors.reason for errors in classes.values() if errors.source == "borrowed"
    )


@pytest.mark.parametrize("name", ["kerbwatch-nano", "omz-2004"])
def test_a_clearly_visible_object_is_found_as_often_as_in_the_measured_clips(name: str) -> None:
    """Vehicles of 14 px and more were found in every look; 98 in 100 objects are within two spreads."""
    for kind, errors in load_profile(name).classes.items():
        unlucky = errors.misses.log_odds(32.0, 0.0) + 2 * errors.misses.spread
        assert 1 / (1 + exp(-unlucky)) < 0.1, kind


def test_the_shipped_profile_tells_how_often_nothing_is_seen_as_something() -> None:
    (note,) = (note for note in load_profile().provenance.notes if "camera-hour" in note)
    assert "garbage 79" in note


def test_saving_and_loading_changes_nothing(tmp_path: Path) -> None:
    profile = load_profile()
    save_profile(profile, tmp_path / "again.json")
    assert load_profile(tmp_path / "again.json") == profile


def test_size_is_measured_in_the_detectors_input() -> None:
    # 512 x 288 letterboxed: a 1024 x 768 picture is shrunk by 288 / 768.
    size = load_profile().size_px((0.25, 0.25, 0.5, 0.5), 1024, 768)
    assert size == pytest.approx((256 * 192) ** 0.5 * 288 / 768)
