"""Items through their steps: what runs again and what does not, and what one failure costs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from scenarios.evaluation.item import Item, Settings
from scenarios.evaluation.pipeline import Done, Plan, run_items
from scenarios.evaluation.steps import Steps
from scenarios.evaluation.store import BASELINE, Store
from tests.scenarios.evaluation.doubles import STEPS, Encounters, Watch, item, mortal_path, no_broker, runs

pytestmark = pytest.mark.usefixtures("code")


def evaluate(
    out: Path,
    *items: Item,
    settings: Settings | None = None,
    steps: Steps = STEPS,
    fresh: bool = False,
    keep_videos: bool = False,
) -> dict[str, Done]:
    watch = Watch()
    store = Store(out)
    with store.locked():
        plan = Plan(jobs=2, fresh=fresh, keep_videos=keep_videos)
        done = run_items(items, settings or Settings(), store, steps, plan, watch)
    assert {one.item.title for one in watch.told} == {one.title for one in items}
    return {one.item.title: one for one in done}


def test_a_second_run_runs_nothing_and_says_what_it_kept(tmp_path: Path) -> None:
    items = (item("a"), item("a", "composed"), item("b"))
    first = evaluate(tmp_path, *items)
    assert not any(one.kept or one.reason for one in first.values())
    ran = ["detect a", "detect b", "make a", "path a", "score a", "score a", "score b"]
    assert runs(tmp_path) == ran
    second = evaluate(tmp_path, *items)
    assert all(one.kept for one in second.values())
    assert runs(tmp_path) == []
    evaluate(tmp_path, *items, fresh=True)
    assert runs(tmp_path) == ran


def test_a_changed_scenario_runs_again_and_its_neighbour_does_not(tmp_path: Path) -> None:
    evaluate(tmp_path, item("a"), item("b"))
    runs(tmp_path)
    done = evaluate(tmp_path, item("a", seed=1), item("b"))
    assert runs(tmp_path) == ["detect a", "score a"]
    assert [done["detections/a"].kept, done["detections/b"].kept] == [False, True]


def test_a_changed_program_runs_again_and_a_changed_scorer_only_judges_again(
    tmp_path: Path, code: dict[str, str]
) -> None:
    evaluate(tmp_path, item("a", "composed"))
    runs(tmp_path)
    code["scoring"] = "s2"
    evaluate(tmp_path, item("a", "composed"))
    assert runs(tmp_path) == ["score a"]
    evaluate(tmp_path, item("a", "composed"))
    assert runs(tmp_path) == []
    code["running"] = "r2"
    evaluate(tmp_path, item("a", "composed"))
    assert runs(tmp_path) == ["make a", "path a", "score a"]


def test_the_error_profile_concerns_detections_and_the_model_concerns_pictures(
    tmp_path: Path, code: dict[str, str]
) -> None:
    items = (item("a"), item("a", "composed"))
    evaluate(tmp_path, *items)
    runs(tmp_path)
    code["profile"] = "p2"
    evaluate(tmp_path, *items)
    assert runs(tmp_path) == ["detect a", "score a"]
    code["model"] = "m2"
    evaluate(tmp_path, *items)
    assert runs(tmp_path) == ["make a", "path a", "score a"]


def test_results_without_the_baseline_do_not_serve_a_run_with_it(tmp_path: Path) -> None:
    evaluate(tmp_path, item("a"), settings=Settings(baseline=False))
    folder = Store(tmp_path).folder(item("a"))
    assert not (folder / BASELINE).exists()
    assert not evaluate(tmp_path, item("a"))["detections/a"].kept
    assert (folder / BASELINE).exists()
    assert evaluate(tmp_path, item("a"), settings=Settings(baseline=False))["detections/a"].kept


def test_one_failure_of_any_kind_is_recorded_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    items = (item("raises"), item("crashes"), item("a"), item("node-fails", "composed"), item("b", "composed"))
    done = evaluate(tmp_path, *items)
    reasons = {title: one.reason for title, one in done.items() if one.reason is not None}
    assert set(reasons) == {"detections/raises", "detections/crashes", "composed/node-fails"}
    assert reasons["detections/raises"].startswith("ValueError: its street is")
    assert "code 3" in reasons["detections/crashes"]
    assert "node ended with code 1" in reasons["composed/node-fails"]
    record = Store(tmp_path).record(item("crashes"))
    assert record is not None
    assert record.reason == reasons["detections/crashes"]


def test_a_failed_item_is_tried_again_and_replaces_what_was_kept_before(
    tmp_path: Path, code: dict[str, str]
) -> None:
    evaluate(tmp_path, item("a", "composed"))
    code["running"] = "r2"
    broken = dataclasses.replace(STEPS, full_path=no_broker)
    done = evaluate(tmp_path, item("a", "composed"), item("b", "composed"), steps=broken)
    assert all(one.reason is not None and "install mosquitto" in one.reason for one in done.values())
    runs(tmp_path)
    again = evaluate(tmp_path, item("a", "composed"))
    assert again["composed/a"].reason is None
    assert runs(tmp_path) == ["make a", "path a", "score a"]


def test_a_centre_that_dies_is_replaced_and_costs_only_the_item_that_kills_every_one(tmp_path: Path) -> None:
    steps = dataclasses.replace(STEPS, full_path=mortal_path)
    named = ("first", "a", "kills", "b", "c")
    done = evaluate(tmp_path, *(item(name, "composed") for name in named), steps=steps)
    reasons = {title: one.reason for title, one in done.items() if one.reason is not None}
    assert set(reasons) == {"composed/kills"}
    assert "centre ended with code -9" in reasons["composed/kills"]
    repeated = done["composed/first"].repeated
    assert repeated is not None, "that it went well only the second time is told"
    assert "centre ended with code -9" in repeated


def test_an_item_beside_one_that_kills_every_centre_succeeds_in_its_second_run(tmp_path: Path) -> None:
    steps = dataclasses.replace(STEPS, full_path=Encounters().path)
    done = evaluate(tmp_path, item("bystander", "composed"), item("kills", "composed"), steps=steps)
    assert done["composed/bystander"].reason is None
    assert "centre ended with code -9" in (done["composed/bystander"].repeated or "")
    assert "centre ended with code -9" in (done["composed/kills"].reason or "")


def test_videos_are_removed_after_a_run_unless_wanted(tmp_path: Path) -> None:
    evaluate(tmp_path, item("a", "composed"))
    assert not list(tmp_path.rglob("*.mp4"))
    evaluate(tmp_path, item("b", "composed"), keep_videos=True)
    assert [video.parent.name for video in tmp_path.rglob("*.mp4")] == ["b"]


def test_what_an_interrupted_run_left_half_made_is_made_anew(tmp_path: Path) -> None:
    evaluate(tmp_path, item("a"), item("b"))
    runs(tmp_path)
    store = Store(tmp_path)
    # Killed between writing and renaming: the folder is half made, or complete under its working name.
    half = store.begin(item("c"))
    (half / "truth.json").write_text("{", encoding="utf-8")
    store.folder(item("b")).rename(store.folder(item("b")).with_name("b.part"))
    done = evaluate(tmp_path, item("a"), item("b"), item("c"))
    assert [one.kept for one in done.values()] == [True, False, False]
    assert not list(tmp_path.rglob("*.part"))
    assert runs(tmp_path) == ["detect b", "detect c", "score b", "score c"]


def test_an_unreadable_record_means_that_nothing_is_kept(tmp_path: Path) -> None:
    evaluate(tmp_path, item("a"))
    (Store(tmp_path).folder(item("a")) / "item.json").write_text('{"format": "other"}', encoding="utf-8")
    assert not evaluate(tmp_path, item("a"))["detections/a"].kept
