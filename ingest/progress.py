"""Whether the parts of a program still move (进展监视); pure, and a thread that tells systemd."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from ingest.clock import Clock
from ingest.service_notify import Notifier

log = structlog.get_logger(__name__)

EVERY_S = 15.0
PATIENCE_S = 120.0
"""A part may stand still so long beyond what it needs by itself: longer than any back-off between two tries."""

Marks = Mapping[str, tuple[int, float]]
"""Per part a number that grows while it works, and how long it may rest by its own rhythm, in seconds."""


@dataclass(frozen=True)
class _Seen:
    number: int
    since_s: float


class Progress:
    """Remembers when each part last moved."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._seen: dict[str, _Seen] = {}

    def stuck(self, marks: Marks, now_s: float) -> tuple[str, ...]:
        """The parts that have stood still for too long, by name; ``now_s``: seconds of a steady clock."""
        kept = {name: self._seen.get(name) for name in marks}
        self._seen = {
            name: seen if seen is not None and seen.number == number else _Seen(number, now_s)
            for (name, (number, _)), seen in zip(marks.items(), kept.values(), strict=True)
        }
        return tuple(
            sorted(
                name
                for name, (_, rest_s) in marks.items()
                if now_s - self._seen[name].since_s > self._patience_s + rest_s
            )
        )


class Watchdog:
    """Feeds systemd's watchdog while all parts move, and lets it starve when one does not: then systemd restarts all.

    Args:
        marks: Asked every step.
        notifier: Tells systemd.
        clock: Measures.
        patience_s: See :data:`PATIENCE_S`.
        alive: Also called, with the steady clock's reading, whenever all parts move.
    """

    def __init__(
        self,
        marks: Callable[[], Marks],
        notifier: Notifier,
        clock: Clock,
        *,
        patience_s: float = PATIENCE_S,
        alive: Callable[[float], None] | None = None,
    ) -> None:
        self._marks = marks
        self._notifier = notifier
        self._clock = clock
        self._alive = alive
        self._progress = Progress(patience_s=patience_s)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Say that the service is ready, and watch it."""
        self._notifier.ready("running")
        every_s = min(EVERY_S, (self._notifier.watchdog_s or 3 * EVERY_S) / 3)
        self._thread = threading.Thread(target=self._run, args=(every_s,), name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """The service ends because it was told to."""
        self._stopping.set()
        self._notifier.stopping()
        if self._thread is not None:
            self._thread.join(2.0)

    def step(self) -> tuple[str, ...]:
        """Feed or starve; the parts that are stuck."""
        stuck = self._progress.stuck(self._marks(), self._clock.monotonic())
        if stuck:
            log.error("watchdog.starved", stuck=stuck)
            self._notifier.status(f"stuck: {', '.join(stuck)}")
        else:
            self._notifier.alive("running")
            self._tell()
        return stuck

    def _tell(self) -> None:
        if self._alive is None:
            return
        try:
            self._alive(self._clock.monotonic())
        except OSError as error:
            log.warning("watchdog.not_told", error=str(error))

    def _run(self, every_s: float) -> None:
        self.step()
        while not self._stopping.wait(every_s):
            self.step()
