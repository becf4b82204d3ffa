"""Figures in a Markdown file: the words around them stay, and no text is ever lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from scenarios.evaluation.item import Item, Settings, Suite
from scenarios.evaluation.markdown import BEGIN, END, MarksMissingError, around, write_markdown
from scenarios.evaluation.outcome import Outcome, Run, gather
from scenarios.evaluation.pipeline import Done
from scenarios.evaluation.steps import score_folder
from scenarios.evaluation.store import BASELINE, REPORT, TRUTH, Record, Store
from tests.scenarios.evaluation.doubles import report, scenario, truth


@pytest.fixture
def outcome(tmp_path: Path) -> Outcome:
    store = Store(tmp_path / "store")
    item = Item(scenario("one"), "detections")
    part = store.begin(item)
    truth("one").save(part / TRUTH)
    report("kerbwatch", cases=2).save(part / REPORT)
    report("baseline").save(part / BASELINE)
    score_folder(part)
    store.finish(item, part, Record(run_key="r", score_key="s", baseline=True))
    run = Run("kerbwatch evaluate --suite full", Suite("full", (item,)), Settings(), datetime.now(UTC), 1.0)
    return gather(run, [Done(item)], store)


def test_only_what_stands_between_the_marks_is_replaced(outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "accuracy.md"
    path.write_text(f"# Words before\n{BEGIN}\nold figures\n{END}\nwords after\n", encoding="utf-8")
    write_markdown(outcome, path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# Words before\n")
    assert text.endswith("\nwords after\n")
    assert "old figures" not in text
    assert "$ kerbwatch evaluate --suite full" in text


def test_every_table_row_has_as_many_cells_as_its_head(outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "new.md"
    write_markdown(outcome, path)
    blocks = [block for block in path.read_text(encoding="utf-8").split("\n\n") if block.startswith("|")]
    assert len(blocks) == 4, "goals, incidents, cases, stays"
    assert all(len({line.count("|") for line in block.splitlines()}) == 1 for block in blocks)


def test_mistakes_are_named_by_family(outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "new.md"
    write_markdown(outcome, path)
    assert "- doubled: 1 (" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["my notes", f"{END} and then {BEGIN}", BEGIN])
def test_a_file_without_both_marks_is_refused_and_kept(text: str, outcome: Outcome, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MarksMissingError, match="put them where the figures belong"):
        write_markdown(outcome, path)
    assert path.read_text(encoding="utf-8") == text


def test_a_file_that_is_not_there_needs_no_marks(tmp_path: Path) -> None:
    assert around(tmp_path / "new.md") == ("", "\n")
