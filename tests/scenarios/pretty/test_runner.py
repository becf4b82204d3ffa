"""Running Blender's program: what is said when it is missing or fails, progress as it works."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scenarios.pretty.runner import PrettyError, draw, require_blender


def _interpreter(folder: Path, body: str) -> str:
    """A program that stands in for a Python with bpy: it can import anything and does ``body``."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nif [ "$1" = -c ]; then exit 0; fi\n{body}\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_an_interpreter_without_bpy_is_refused_with_what_to_do() -> None:
    with pytest.raises(PrettyError, match=r"pip install 'kerbwatch\[pretty\]'.*--blender-python"):
        require_blender(_bare(sys.executable))


def _bare(python: str) -> str:
    """This interpreter, or a test that says why not where it does have bpy."""
    try:
        require_blender(python)
    except PrettyError:
        return python
    pytest.skip("this interpreter can import bpy")


def test_an_interpreter_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PrettyError, match="cannot be run"):
        require_blender(str(tmp_path / "nowhere"))


def test_progress_is_told_and_blenders_own_chatter_is_not(tmp_path: Path) -> None:
    python = _interpreter(tmp_path, "echo Saved: x; echo kerbwatch-frame 1 2; echo kerbwatch-frame 2 2")
    told: list[tuple[int, int]] = []
    draw(tmp_path / "job.json", python, lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


def test_a_failure_carries_blenders_last_words(tmp_path: Path) -> None:
    python = _interpreter(tmp_path, "echo out of memory; exit 3")
    with pytest.raises(PrettyError, match=r"code 3:\nout of memory"):
        draw(tmp_path / "job.json", python)
