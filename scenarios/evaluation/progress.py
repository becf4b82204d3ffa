"""Progress on stderr (进度): bars where somebody watches, a line now and then where it goes into a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from scenarios.evaluation.item import TIERS, Item
from scenarios.evaluation.pipeline import Done

_LINES = 10
"""How many lines a run writes where no bar can be drawn."""


class Progression:
    """Shows a run's progress; a context manager around it."""

    def __init__(self, items: Sequence[Item], console: Console) -> None:
        self._console = console
        self._total = len(items)
        self._count = self._kept = self._failed = 0
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        tiers = Counter(item.tier for item in items)
        self._overall = self._bars.add_task("all", total=self._total, note="")
        self._by_tier = {
            tier: self._bars.add_task(tier, total=tiers[tier], note="") for tier in TIERS if tiers[tier]
        }

    def __enter__(self) -> Progression:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def done(self, done: Done) -> None:
        """One more item is through."""
        self._count += 1
        self._kept += done.kept
        self._failed += done.reason is not None
        note = ", ".join(
            f"{count} {what}" for count, what in ((self._kept, "kept"), (self._failed, "failed")) if count
        )
        self._bars.advance(self._by_tier[done.item.tier])
        self._bars.update(self._overall, advance=1, note=note)
        if done.repeated is not None:
            told = escape(done.repeated.splitlines()[0])
            self._console.print(f"[yellow]run again[/] {done.item.title}: {told}")
        if done.reason is not None:
            self._console.print(f"[red]failed[/] {done.item.title}: {escape(done.reason.splitlines()[0])}")
        if not self._console.is_terminal and self._count * _LINES // self._total != (
            (self._count - 1) * _LINES // self._total
        ):
            self._console.print(f"{self._count} of {self._total}" + (f" ({note})" if note else ""))
