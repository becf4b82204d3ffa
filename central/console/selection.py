"""Which case of the queue is selected, as the queue changes beneath the operator (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Id = TypeVar("Id")


def moved(ids: Sequence[Id], selected: Id | None, step: int) -> Id | None:
    """The case ``step`` places further down, stopping at both ends."""
    if not ids:
        return None
    if selected not in ids:
        return ids[0]
    place = ids.index(selected) + step
    return ids[max(0, min(place, len(ids) - 1))]


def kept(before: Sequence[Id], after: Sequence[Id], selected: Id | None) -> Id | None:
    """The selection after the queue changed from ``before`` to ``after``.

    A case that is still there stays selected, wherever it moved. When it is gone, the next survivor below its
    old place takes over, else the nearest above: an operator who works downwards never jumps to the top.
    """
    if selected in after:
        return selected
    if not after:
        return None
    if selected not in before:
        return after[0]
    place = before.index(selected)
    remaining = set(after)
    for candidate in [*before[place + 1 :], *reversed(before[:place])]:
        if candidate in remaining:
            return candidate
    return after[0]
