"""The page: truth and both systems drawn, the filter, and hostile names that stay text."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from scenarios.evaluation.item import Item, Settings, Suite
from scenarios.evaluation.outcome import Run, gather
from scenarios.evaluation.page import write_page
from scenarios.evaluation.pipeline import Done
from scenarios.evaluation.steps import score_folder
from scenarios.evaluation.store import BASELINE, REPORT, TRUTH, Record, Store
from scenarios.language.scenario import Scenario
from scenarios.report import Report
from scenarios.truth import BlindSpan
from tests.browser import chromium
from tests.scenarios.evaluation.doubles import report, scenario, truth

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
ELSEWHERE = (0.1, 0.1, 0.2, 0.2)


def keep(store: Store, scene: Scenario, ours: Report) -> Item:
    """Results of one item, scored by the real scorer."""
    item = Item(scene, "detections")
    part = store.begin(item)
    made = truth(scene.name)
    blind = (BlindSpan(from_s=40.0, to_s=50.0, why=HOSTILE),)
    (camera,) = made.cameras
    made.model_copy(update={"cameras": (camera.model_copy(update={"blind": blind}),)}).save(part / TRUTH)
    ours.save(part / REPORT)
    report("baseline", cases=2).save(part / BASELINE)
    score_folder(part)
    store.finish(item, part, Record(run_key="r", score_key="s", baseline=True))
    return item


@pytest.fixture
def page(tmp_path: Path) -> Path:
    store = Store(tmp_path)
    named = scenario("right").model_copy(update={"summary": HOSTILE})
    items = (
        keep(store, named, report("kerbwatch")),
        keep(store, scenario("wrong"), report("kerbwatch", box=ELSEWHERE)),
    )
    failed = Done(Item(scenario("lost"), "detections"), reason=f"ValueError: {HOSTILE}")
    suite = Suite(HOSTILE, (*items, failed.item), notes=(HOSTILE,))
    run = Run(f"kerbwatch evaluate {HOSTILE}", suite, Settings(), datetime(2026, 3, 2, tzinfo=UTC), 1.0)
    path = tmp_path / "page.html"
    write_page(gather(run, [*(Done(item) for item in items), failed], store), store, path)
    return path


class Tags(HTMLParser):
    """Counts elements, remembers attributes that would run something or load something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [name for name, value in attrs if name in {"src", "href"} or name.startswith("on")]


def test_hostile_names_and_reasons_stay_text_and_nothing_is_loaded_from_outside(page: Path) -> None:
    tags = Tags(page.read_text(encoding="utf-8"))
    assert tags.tags.count("script") == 1
    assert "img" not in tags.tags
    assert "link" not in tags.tags
    assert tags.outside == []


def test_the_page_names_what_went_wrong_beside_the_scenario(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count('<article class="scenario') == 2
    assert '<article class="scenario wrong" data-name="detections/wrong">' in text
    assert "no incident shows it" in text
    assert 'class="bar false"' in text
    assert 'class="bar double"' in text
    assert 'aria-label="Timeline of detections/right: truth above, systems below"' in text


@pytest.mark.browser
def test_the_filter_hides_what_is_right(page: Path) -> None:
    with chromium() as browser:
        tab = browser.new_page()
        problems: list[str] = []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        tab.on("dialog", lambda dialog: problems.append(dialog.message))
        tab.goto(page.as_uri())
        assert tab.locator("article:visible").count() == 2
        tab.get_by_label("only wrong ones").check()
        assert tab.locator("article:visible").count() == 1
        assert tab.locator("#shown").inner_text() == "1 of 2 shown"
        tab.get_by_label("name contains").fill("right")
        assert tab.locator("article:visible").count() == 0
        assert problems == []
