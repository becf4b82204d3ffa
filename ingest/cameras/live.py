"""A live camera: a thread keeps only the newest frame; failures reconnect with back-off; stalls are noticed.

The watchdog runs on a monotonic clock in the reader of the source, not in the thread that may hang: a thread
that is stuck inside a driver or codec is left behind and replaced, a few times at most.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from random import Random
from typing import Protocol

import structlog

from ingest.cameras.backoff import Backoff
from ingest.cameras.demand import Demand
from ingest.cameras.presentation import PresentationClock, Stamp
from ingest.cameras.source import Answer, Frame, Image, NoPicture, SourceError, SourceFailure, SourceReport
from ingest.cameras.telemetry import Telemetry
from ingest.clock import Clock, to_millis
from ingest.sanitise import sanitise

log = structlog.get_logger(__name__)

STALL_AFTER_S = 20.0
"""Without a frame for this long the reading thread is taken for hung (time-outs of the reader come first)."""

MAX_HUNG_THREADS = 3
"""Threads left behind before no more are started until one of them returns: memory stays bounded."""


class LazyPicture(Protocol):
    """A frame that becomes pixels only when it is looked at; whatever may hang in a decoder lies behind it."""

    @property
    def stamp(self) -> Stamp:
        """What the stream says about its time."""
        ...

    def pixels(self) -> Image:
        """uint8, H x W x 3, BGR. Raises SourceError."""
        ...


OpenReader = Callable[[], AbstractContextManager[Iterator[LazyPicture | None]]]
"""Connects (raises SourceError) and yields frames until the connection ends; ``None``: it lives, nothing to show."""


class LiveSource:
    """A camera without an end.

    Args:
        open_reader: How to connect.
        shown: The address without credentials, for logs.
        clock: Stamps frames (UTC) and measures stalls.
        rng: Spreads reconnections.
        demand: What the reader is asked for; shared with it.
        telemetry: What the reader tells; shared with it.
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
        demand: Demand | None = None,
        telemetry: Telemetry | None = None,
        stall_after_s: float = STALL_AFTER_S,
        backoff: Backoff | None = None,
    ) -> None:
        self._open_reader = open_reader
        self._shown = shown
        self._clock = clock
        self._stall_after_s = stall_after_s
        self._backoff = backoff or Backoff(rng=rng)
        self._demand = demand or Demand(1.0, clock=clock)
        self._telemetry = telemetry or Telemetry(shown)
        self._presentation = PresentationClock()
        self._fresh = threading.Condition()
        self._picture: LazyPicture | None = None
        self._size: tuple[int, int] | None = None
        self._lost: SourceFailure | None = None
        self._taken_s: float | None = None
        self._picture_at, self._steady_s = clock.now(), clock.monotonic()
        self._failure = SourceError(SourceFailure.CONNECTING, "not connected yet")
        self._alive_at = clock.monotonic()
        self._generation = 0
        self._threads: list[threading.Thread] = []
        self._failures: Counter[str] = Counter()

    def full_rate(self, for_s: float) -> None:
        """Every frame for so many seconds from now. Raises ValueError, see :class:`Demand`."""
        self._demand.full_rate(for_s)
        self._telemetry.count("bursts")

    def report(self) -> SourceReport:
        """How it is read and what went wrong so far."""
        with self._fresh:
            failures = {f"failed_{name}": value for name, value in self._failures.items()}
            hung = sum(thread.is_alive() for thread in self._threads) - 1
            lost, size, clock = self._lost, self._size, self._presentation
        decision = self._telemetry.decision
        return SourceReport(
            decoding=None if decision is None else decision.decoding,
            decoding_reason=None if decision is None else decision.reason,
            key_frame_distance_s=self._telemetry.key_frame_distance_s,
            sub_stream=self._telemetry.sub_stream,
            size=size,
            sender_clock=clock.sender_clock,
            sender_offset_s=clock.sender_offset_s,
            hung_readers=max(0, hung),
            failure=lost,
            counters={**self._telemetry.counters, **failures},
        )

    def read(self, timeout_s: float) -> Answer:
        """The newest frame not yet read, waiting up to ``timeout_s`` seconds for one; else why there is none."""
        if self._demand.closed:
            return self._no_picture(SourceFailure.STREAM_ENDED, "closed")
        self._watch()
        with self._fresh:
            self._fresh.wait_for(lambda: self._picture is not None or self._demand.closed, timeout_s)
            picture, at, steady_s, failure = self._picture, self._picture_at, self._steady_s, self._failure
            self._picture = None
        if picture is None:
            return self._no_picture(failure.reason, failure.detail)
        try:
            image = picture.pixels()
            self._check_size((image.shape[1], image.shape[0]))
            return Frame(image, at, None, steady_s)
        except SourceError as error:
            return NoPicture(error.reason, error.detail, at, None, steady_s)

    def _check_size(self, size: tuple[int, int]) -> None:
        """A look at a picture of another size is none: what it is compared with is of the old one."""
        before, self._size = self._size, size
        if before is None or before == size:
            return
        detail = f"{before[0]} x {before[1]} became {size[0]} x {size[1]}"
        # One line only: a camera whose resolution flaps would fill the log. The counter keeps the rest.
        say = log.warning if not self._telemetry.counters.get("resolution_changes") else log.debug
        say("camera.resolution_changed", source=self._shown, detail=detail)
        self._telemetry.count("resolution_changes")
        raise SourceError(SourceFailure.RESOLUTION_CHANGED, detail)

    def _no_picture(self, reason: SourceFailure, detail: str) -> NoPicture:
        return NoPicture(reason, detail, self._clock.now(), None, self._clock.monotonic())

    def close(self) -> None:
        """Stop reading; a thread stuck in a driver ends by itself later."""
        self._demand.close()
        with self._fresh:
            self._generation += 1
            self._fresh.notify_all()
        for thread in self._threads:
            thread.join(1.0)

    # -- watchdog ---------------------------------------------------------------------------------

    def _watch(self) -> None:
        with self._fresh:
            self._threads = [thread for thread in self._threads if thread.is_alive()]
        if not self._threads:
            self._start_thread()
            return
        now = self._clock.monotonic()
        if now - self._alive_at <= self._stall_after_s:
            return
        hung = len(self._threads)
        replace = hung <= MAX_HUNG_THREADS
        detail = f"no frame for {self._stall_after_s:.0f} s; {hung} readers hang"
        self._note(SourceError(SourceFailure.STALLED, detail if replace else f"{detail}, no more are started"))
        log.warning("camera.stalled", source=self._shown, hung_readers=hung, replaced=replace)
        if replace:
            self._telemetry.count("readers_abandoned")
            self._start_thread()
        else:
            self._alive_at = now  # said once a stall time, not at every look

    def _start_thread(self) -> None:
        with self._fresh:
            self._generation += 1
            generation = self._generation
            self._alive_at = self._clock.monotonic()
        thread = threading.Thread(target=self._run, args=(generation,), name=f"camera-{generation}", daemon=True)
        with self._fresh:
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
        with self._fresh:
            if generation == self._generation:
                self._presentation = PresentationClock(after_s=self._taken_s)
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
        self._demand.wait(seconds)

    def _offer(self, picture: LazyPicture | None, generation: int) -> bool:
        with self._fresh:
            if generation != self._generation or self._demand.closed:
                return False
            steady_s = self._alive_at = self._clock.monotonic()
            if picture is None:
                return True
            now = self._clock.now()
            age_s = self._presentation.age_s(picture.stamp, steady_s=steady_s, wall_s=now.timestamp())
            self._picture = picture
            self._picture_at, self._steady_s = to_millis(now - timedelta(seconds=age_s)), steady_s - age_s
            self._taken_s = self._steady_s
            self._lost = None
            self._fresh.notify_all()
        self._backoff.succeeded()
        return True

    def _note(self, failure: SourceError) -> None:
        with self._fresh:
            self._failure, self._lost = failure, failure.reason
            self._failures[failure.reason.value] += 1

    def _is_current(self, generation: int) -> bool:
        with self._fresh:
            return generation == self._generation and not self._demand.closed
