"""What is kept of a run (留存): one folder per item, complete or not there at all.

``{out}/{tier}/{scenario}/`` holds ``truth.json``, ``report.json``, ``baseline.json`` (unless it was left out),
``score.json`` and ``item.json``, the record that says which keys they belong to. An item is made in a folder beside
it that ends in ``.part`` and is renamed when complete, so that a run may end at any moment.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import click
from pydantic import BaseModel, ConfigDict, ValidationError

from scenarios.evaluation.item import Item
from scenarios.evaluation.keys import Keys

RECORD = "item.json"
TRUTH = "truth.json"
REPORT = "report.json"
BASELINE = "baseline.json"
SCORE = "score.json"
_PART = ".part"


class Record(BaseModel):
    """What is known about an item's results. ``reason`` is why it failed; a failed item is tried again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["kerbwatch-evaluation-item/1"] = "kerbwatch-evaluation-item/1"
    run_key: str
    score_key: str
    baseline: bool = False
    wall_s: float = 0.0
    reason: str | None = None


class Store:
    """The folders of one ``--out``."""

    def __init__(self, out: Path) -> None:
        self.out = out

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes here meanwhile; leftovers of an interrupted run are removed.

        Raises click.ClickException where another evaluation is at work.
        """
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise click.ClickException(
                    f"{self.out}: another evaluation is at work there; wait for it or give another --out"
                ) from error
            for left in [*self.out.glob(f"*/*{_PART}"), *self.out.glob(f"*{_PART}")]:
                shutil.rmtree(left)
            yield

    def folder(self, item: Item) -> Path:
        """Where an item's results are, if it has any."""
        return self.out / item.tier / item.scenario.name

    def find(self, item: Item, keys: Keys, *, baseline: bool) -> Record | None:
        """The record of complete results that still hold (except perhaps their score), or None."""
        record = self.record(item)
        if record is None or record.reason is not None or record.run_key != keys.run:
            return None
        if baseline and not record.baseline:
            return None
        return record

    def record(self, item: Item) -> Record | None:
        """Whatever is recorded about an item; None where nothing readable is."""
        try:
            return Record.model_validate_json((self.folder(item) / RECORD).read_bytes())
        except (OSError, ValidationError):  # never written, or by another version: it is made anew
            return None

    def begin(self, item: Item) -> Path:
        """A new empty folder to make an item in."""
        part = self.folder(item).with_name(item.scenario.name + _PART)
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        return part

    def finish(self, item: Item, part: Path, record: Record) -> None:
        """Put what was made in ``part`` in the item's place."""
        write_atomically(part / RECORD, record.model_dump_json(indent=1))
        target = self.folder(item)
        if target.exists():
            shutil.rmtree(target)
        part.rename(target)

    def rescored(self, item: Item, record: Record) -> None:
        """Note that the results in place were judged anew."""
        write_atomically(self.folder(item) / RECORD, record.model_dump_json(indent=1))

    def workspace(self, name: str) -> Path:
        """A folder for programs at work; where nobody clears it, the next run does."""
        self.clear(name)
        path = self.out / (name + _PART)
        path.mkdir(parents=True)
        return path

    def clear(self, name: str) -> None:
        """Remove a workspace, if there is one."""
        shutil.rmtree(self.out / (name + _PART), ignore_errors=True)


def write_atomically(path: Path, text: str) -> None:
    """Write a UTF-8 file so that a reader sees the old text or the new one. Makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
