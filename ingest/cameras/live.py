"""A live camera: a thread keeps only the newest frame; failures reconnect with back-off; stalls are noticed.

The watchdog runs on a monotonic clock in the reader of the source, not in the thread that may hang: a thread
that is stuck inside a driver or codec is left behind and replaced, a few times at most.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from random import Random
from typing import Protocol

import structlog

from ingest.cameras.backoff import Backoff
from ingest.cameras.source import Answer, Frame, Image, NoPicture, SourceError, SourceFailure
from ingest.clock import Clock
from ingest.sanitise import sanitise

log = structlog.get_logger(__name__)

STALL_AFTER_S = 20.0
"""Without a frame for this long the reading thread is taken for hung (time-outs of the reader come first)."""

MAX_HUNG_THREADS = 3
"""Threads left behind before no more are started until one of them returns: memory stays bounded."""


class LazyPicture(Protocol):
    """A frame that becomes pixels only when it is looked at."""

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR. Raises SourceError."""
        ...


OpenReader = Callable[[], AbstractContextManager[Iterator[LazyPicture]]]
"""Connects (raises SourceError) and yields frames until the connection ends."""


class LiveSource:
    """A camera without an end.

    Args:
        open_reader: How to connect.
        shown: The address without credentials, for logs.
        clock: Stamps frames (UTC) and measures stalls.
        rng: Spreads reconnections.
        stall_after_s: See :data:`STALL_AFTER_S`.
    """

    finite = False

    def __init__(
        self,
        open_reader: OpenReader,
        *,
        shown: str,
        clock: Clock,
        rng: Random,
        stall_after_s: float = STALL_AFTER_S,
        backoff: Backoff | None = None,
    ) -> None:
        self._open_reader = open_reader
        self._shown = shown
        self._clock = clock
        self._stall_after_s = stall_after_s
        self._backoff = backoff or Backoff(rng=rng)
        self._fresh = threading.Condition()
        self._closing = threading.Event()
        self._picture: LazyPicture | None = None
        self._picture_at, self._steady_s = clock.now(), clock.monotonic()
        self._failure = SourceError(SourceFailure.CONNECTING, "not connected yet")
        self._alive_at = clock.monotonic()
        self._generation = 0
        self._threads: list[threading.Thread] = []
        self._failures: Counter[str] = Counter()

    @property
    def failures(self) -> dict[str, int]:
        """How often reading failed, by cause."""
        with self._fresh:
            return dict(self._failures)

    def read(self, timeout_s: float) -> Answer:
        """The newest frame not yet read, waiting up to ``timeout_s`` seconds for one; else why there is none."""
        if self._closing.is_set():
            return self._no_picture(SourceFailure.STREAM_ENDED, "closed")
        self._watch()
        with self._fresh:
            self._fresh.wait_for(lambda: self._picture is not None or self._closing.is_set(), timeout_s)
            picture, at, steady_s, failure = self._picture, self._picture_at, self._steady_s, self._failure
            self._picture = None
        if picture is None:
            return self._no_picture(failure.reason, failure.detail)
        try:
            return Frame(picture.pixels(), at, None, steady_s)
        except SourceError as error:
            return NoPicture(error.reason, error.detail, at, None, steady_s)

    def _no_picture(self, reason: SourceFailure, detail: str) -> NoPicture:
        return NoPicture(reason, detail, self._clock.now(), None, self._clock.monotonic())

    def close(self) -> None:
        """Stop reading; a thread stuck in a driver ends by itself later."""
        self._closing.set()
        with self._fresh:
            self._generation += 1
            self._fresh.notify_all()
        for thread in self._threads:
            thread.join(1.0)

    # -- watchdog ---------------------------------------------------------------------------------

    def _watch(self) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if not self._threads:
            self._start_thread()
            return
        if self._clock.monotonic() - self._alive_at <= self._stall_after_s:
            return
        self._note(SourceError(SourceFailure.STALLED, f"no frame for {self._stall_after_s:.0f} s"))
        if len(self._threads) <= MAX_HUNG_THREADS:
            self._start_thread()

    def _start_thread(self) -> None:
        with self._fresh:
            self._generation += 1
            generation = self._generation
            self._alive_at = self._clock.monotonic()
        thread = threading.Thread(target=self._run, args=(generation,), name=f"camera-{generation}", daemon=True)
        self._threads.append(thread)
        thread.start()

    # -- reading thread ---------------------------------------------------------------------------

    def _run(self, generation: int) -> None:
        while self._is_current(generation):
            failure = self._read_until_failure(generation)
            if not self._is_current(generation):
                return
            self._note(failure)
            pause_s = self._backoff.failed()
            # One line per outage; the counters keep the rest.
            say = log.info if self._backoff.failures == 1 else log.debug
            say(
                "camera.reconnecting",
                source=self._shown,
                reason=failure.reason.value,
                detail=failure.detail,
                pause_s=round(pause_s, 1),
            )
            self._pause(pause_s)

    def _read_until_failure(self, generation: int) -> SourceError:
        try:
            with self._open_reader() as pictures:
                for picture in pictures:
                    if not self._offer(picture, generation):
                        break
        except SourceError as error:
            return error
        except Exception as error:  # noqa: BLE001 - a reader's bug must not end the camera; counted by _note
            return SourceError(SourceFailure.UNKNOWN, sanitise(f"{type(error).__name__}: {error}")[:300])
        # A clean end and a server that died look the same from here: both mean connecting again.
        return SourceError(SourceFailure.STREAM_ENDED, "the stream ended")

    def _pause(self, seconds: float) -> None:
        """Waiting to reconnect is not a stall, so the watchdog's time moves on meanwhile."""
        until = self._clock.monotonic() + seconds
        self._alive_at = until
        self._closing.wait(seconds)

    def _offer(self, picture: LazyPicture, generation: int) -> bool:
        with self._fresh:
            if generation != self._generation or self._closing.is_set():
                return False
            self._picture = picture
            self._picture_at, self._steady_s = self._clock.now(), self._clock.monotonic()
            self._alive_at = self._steady_s
            self._fresh.notify_all()
        self._backoff.succeeded()
        return True

    def _note(self, failure: SourceError) -> None:
        with self._fresh:
            self._failure = failure
            self._failures[failure.reason.value] += 1

    def _is_current(self, generation: int) -> bool:
        with self._fresh:
            return generation == self._generation and not self._closing.is_set()
