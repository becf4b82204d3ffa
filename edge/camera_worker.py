"""One camera's thread: source, detector, place memory, evidence, and one transaction per look.

Nothing that goes wrong here harms another camera: the failure is counted, the camera is started again after a
growing pause, and it goes on from its last checkpoint, which was written together with the events it raised.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from queue import SimpleQueue
from random import Random

import structlog

from detectors.attention.looking import AttentiveLook
from detectors.incidents import BlindReason, Opened, Transition
from detectors.types import DetectorError, Frame
from edge.camera_session import Room, Session, begin
from edge.checkpoints import Checkpoint, save_checkpoint
from edge.config import CameraSection
from edge.errands import Brought, Errand
from edge.evidence import EvidenceMaker
from edge.look_pace import POLL_S, LookPace
from edge.pictures import StoredPicture
from edge.spool import Draft
from edge.stream_state import stream_state
from edge.translate import CameraView, permitted_visits, to_draft
from ingest.cameras import End, NoPicture, Source, sanitise
from ingest.cameras import Frame as Look
from ingest.cameras.backoff import Backoff
from ingest.messages import CameraStatus, Evidence, PermittedVisits, StreamState

log = structlog.get_logger(__name__)

CHECKPOINT_EVERY_S = 5.0
"""Looks without an event need no checkpoint of their own: after a crash they are simply looked at again."""

PATIENCE_S = 2.0
"""A live camera gets this long, or two look intervals, to show a frame before the look counts as failed."""

GIVE_UP_AFTER = 5
"""Failures in a row, without one look, after which a file or folder is given up; live cameras never are."""


class CameraWorker:
    """A camera at work.

    Args:
        camera: Its configuration.
        view: What its messages say about it.
        room: What the cameras share.
        rng: Spreads restarts and reconnections.
    """

    def __init__(self, camera: CameraSection, view: CameraView, room: Room, *, rng: Random) -> None:
        self._camera = camera
        self._view = view
        self._room = room
        self._rng = rng
        self._attention = AttentiveLook(
            room.detector, camera.attention.settings(), camera.zones, camera.ground_plane()
        )
        self._evidence = EvidenceMaker(room.detector, room.pictures, room.authority)
        self._backoff = Backoff(first_s=0.5, most_s=60.0, rng=rng)
        self._stopping = threading.Event()
        self._errands: SimpleQueue[Errand] = SimpleQueue()
        self._finished = threading.Event()
        self._counters: Counter[str] = Counter()
        self._memory_counters: dict[str, int] = {}
        self._permitted: tuple[PermittedVisits, ...] = ()
        self._state: str = "starting"
        self._detail = ""
        self._last_look: datetime | None = None
        self._pace = LookPace(camera.look_interval_s, clock=room.clock, stopping=self._stopping)
        self._furthest_s = -1.0
        self._pace_origin: tuple[float, float] | None = None
        self._source: Source | None = None
        self._source_counters: Counter[str] = Counter()
        self._thread: threading.Thread | None = None
        self._keeps_newest = False
        self._newest: Look | None = None

    def keep_newest(self) -> None:
        """From now on :meth:`newest` has the last look's picture; without, no picture outlives its look."""
        self._keeps_newest = True

    def newest(self) -> Look | None:
        """The picture of the last look, where it is kept."""
        return self._newest

    @property
    def finite(self) -> bool:
        """Whether its source has an end."""
        return not self._camera.address.live

    @property
    def failed(self) -> bool:
        """Whether it was given up."""
        return self._state == "failed" and self._finished.is_set()

    @property
    def counters(self) -> dict[str, int]:
        """Looks and failures by name."""
        return {
            **self._memory_counters,
            **self._attention.counters,
            **self._evidence.counters,
            **self._counters,
            **{f"source_{name}": value for name, value in (self._source_counters + self._live_counters()).items()},
        }

    def status(self) -> CameraStatus:
        """How it does, for the node's heartbeat."""
        return CameraStatus.model_validate(
            {
                "name": self._camera.name,
                "state": self._state,
                "last_look": self._last_look,
                "looks": self._counters["looks"],
                "looks_failed": self._counters["looks_failed"],
                "detail": self._detail[:300],
                "permitted": self._permitted,
                "stream": self._stream_state(),
            }
        )

    def full_rate(self, for_s: float) -> None:
        """Look at every frame for so many seconds (media time for recordings), from any thread; a rule may ask.

        Raises:
            ValueError: Not more than 0 seconds, or more than :data:`ingest.cameras.demand.MAX_BURST_S`.
        """
        self._pace.full_rate(for_s)

    def start(self) -> None:
        """Begin looking in the background."""
        self._thread = threading.Thread(target=self._run, name=f"camera-{self._camera.name}", daemon=True)
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Let the camera finish its look and end, without waiting for it."""
        self._stopping.set()

    def send(self, errand: Errand) -> None:
        """Have the camera look at once, over the whole picture, and finish the errand with what came of it."""
        self._errands.put(errand)
        self._pace.look_now()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish the look in hand, write a checkpoint, end."""
        self.ask_to_stop()
        if self._thread is not None:
            self._thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def wait_finished(self, timeout_s: float) -> bool:
        """Whether it ended (the source is over, or was given up) within ``timeout_s`` seconds."""
        return self._finished.wait(timeout_s)

    # -- supervision ------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._supervise()
        finally:
            self._finish_errands(lambda _: Brought("camera_stopped"))

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_session()
                break
            except Exception as error:  # noqa: BLE001 - counted and shown; no camera may harm another
                if self._give_up(error):
                    break
        self._finished.set()

    def _give_up(self, error: Exception) -> bool:
        pause_s = self._backoff.failed()
        self._counters["failures"] += 1
        self._counters[f"failures_{type(error).__name__}"[:60]] += 1
        self._state, self._detail = "failed", _shown(f"{type(error).__name__}: {error}")
        hopeless = self.finite and self._backoff.failures >= GIVE_UP_AFTER
        log.error(
            "camera.failed",
            camera=self._camera.name,
            error=self._detail,
            given_up=hopeless,
            pause_s=round(pause_s, 1),
        )
        if not hopeless:
            self._stopping.wait(pause_s)
        return hopeless

    def _run_session(self) -> None:
        """From opening the source to its end; raises whatever keeps it from looking."""
        self._attention.forget()
        session = begin(self._camera, self._room, counters=self._counters, rng=self._rng)
        self._source, self._pace_origin = session.source, None
        self._pace.begin()
        try:
            while not self._stopping.is_set():
                if not self._look_once(session):
                    self._state = "ended"
                    break
        finally:
            self._source_counters += self._live_counters()
            self._source = None
            session.source.close()
        self._commit(session, [], [])

    def _live_counters(self) -> Counter[str]:
        source = self._source
        return Counter() if source is None else Counter(source.report().counters)

    def _stream_state(self) -> StreamState | None:
        source = self._source
        return None if source is None or source.finite else stream_state(source.report())

    # -- one look ---------------------------------------------------------------------------------

    def _look_once(self, session: Session) -> bool:
        """Wait for the next look and take it; ``False`` at the end of the source."""
        answer = self._read_finite(session) if self.finite else self._read_live(session)
        if isinstance(answer, End):
            return False
        if answer is None:
            return True
        if isinstance(answer, NoPicture):
            self._could_not_look(session, answer)
        else:
            self._look(session, answer)
        self._note_progress(answer.position_s)
        return True

    def _note_progress(self, position_s: float | None) -> None:
        """Only new ground counts as success, or one picture that always fails would be met again for ever."""
        if position_s is None or position_s > self._furthest_s:
            self._furthest_s = self._furthest_s if position_s is None else position_s
            self._backoff.succeeded()

    def _read_finite(self, session: Session) -> Look | NoPicture | End | None:
        self._pace.pass_on(session.source)
        answer = session.source.read(POLL_S)
        if not isinstance(answer, End) and answer.position_s is not None and self._camera.pace == "realtime":
            now = self._room.clock.monotonic()
            started, first_s = self._pace_origin = self._pace_origin or (now, answer.position_s)
            if self._stopping.wait(max(0.0, started + answer.position_s - first_s - now)):
                return None
            if self._camera.clock == "wall":
                # It was read while its turn was still to come.
                return replace(answer, at=self._room.clock.now(), steady_s=self._room.clock.monotonic())
        return answer

    def _read_live(self, session: Session) -> Look | NoPicture | End | None:
        if not self._pace.wait(session.source, self._counters):
            return None
        until = self._room.clock.monotonic() + max(PATIENCE_S, 2 * self._camera.look_interval_s)
        while True:
            answer = session.source.read(POLL_S)
            if self._stopping.is_set():
                return None
            if not isinstance(answer, NoPicture) or self._room.clock.monotonic() >= until:
                return answer

    def _look(self, session: Session, look: Look) -> None:
        if not self._errands.empty():
            self._attention.forget()
        session.memory.trust_hours(self._camera.clock != "wall" or self._room.knows_time())
        try:
            answer = self._attention.look(look.image, look.at, session.memory.interest)
        except DetectorError as error:
            self._counters[f"detector_{error.reason.value}"] += 1
            self._failed_look(session, look, BlindReason.DETECTOR_FAILED, str(error))
            return
        transitions = session.memory.look(
            look.image,
            look.at,
            answer.found,
            looked=answer.looked_at,
            closely=answer.closely,
            steady_s=look.steady_s,
        )
        session.position_s, session.looked_at = look.position_s, look.at
        self._counters["looks"] += 1
        self._newest = look if self._keeps_newest else None
        self._last_look, self._detail = look.at, session.memory.condition
        self._report(session, transitions, look.image)
        self._state = "blind" if session.memory.blind_zones else "looking"
        self._finish_errands(lambda errand: self._bring(errand, look) if errand.wants_picture else Brought())

    def _could_not_look(self, session: Session, answer: NoPicture) -> None:
        self._counters[f"no_picture_{answer.reason.value}"] += 1
        self._failed_look(session, answer, BlindReason.OFFLINE, f"{answer.reason.value}: {answer.detail}")

    def _failed_look(self, session: Session, look: Look | NoPicture, reason: BlindReason, detail: str) -> None:
        self._attention.forget()
        transitions = session.memory.could_not_look(look.at, reason, steady_s=look.steady_s)
        session.position_s, session.looked_at = look.position_s, look.at
        self._counters["looks_failed"] += 1
        self._state, self._detail = "blind", _shown(detail)
        self._report(session, transitions, None)
        self._finish_errands(lambda _: Brought(reason.value, self._detail))

    def _finish_errands(self, bring: Callable[[Errand], Brought]) -> None:
        while not self._errands.empty():  # no other thread takes any out
            errand = self._errands.get()
            errand.finish(bring(errand))

    def _bring(self, errand: Errand, look: Look) -> Brought:
        return self._evidence.snapshot(errand.camera, look.image, look.at)

    # -- what a look leaves -----------------------------------------------------------------------

    def _report(self, session: Session, transitions: Sequence[Transition], image: Frame | None) -> None:
        self._memory_counters = {f"memory_{name}": value for name, value in session.memory.counters.items()}
        self._permitted = permitted_visits(session.memory.permitted)
        now = self._room.clock.monotonic()
        if not transitions and now - session.committed_s < CHECKPOINT_EVERY_S:
            return
        drafts: list[Draft] = []
        stored: list[StoredPicture] = []
        covered = None
        for transition in transitions:
            evidence = Evidence()
            if isinstance(transition, Opened) and image is not None:
                if covered is None:
                    image = session.memory.in_reference_view(image)
                    covered = self._evidence.cover(image)
                gathered = self._evidence.gather(transition, covered, session.memory.background(), image)
                evidence = gathered.evidence
                stored += gathered.stored
            drafts.append(to_draft(transition, self._view, evidence))
        self._commit(session, drafts, stored)
        for transition in transitions:
            self._counters[f"transition_{type(transition).__name__.lower()}"] += 1

    def _commit(self, session: Session, drafts: Sequence[Draft], stored: Sequence[StoredPicture]) -> None:
        """Events, picture queue and checkpoint: all of a look, or nothing of it."""
        if session.looked_at is None:
            return
        checkpoint = Checkpoint(
            camera=self._camera.name,
            origin=session.origin,
            position_s=session.position_s,
            memory=session.memory.snapshot(),
            looked_at=session.looked_at,
        )
        with self._room.database.transaction() as connection:
            for draft in drafts:
                self._room.spool.append(connection, draft)
            self._room.pictures.enqueue(connection, stored)
            save_checkpoint(connection, checkpoint)
        session.committed_s = self._room.clock.monotonic()


def _shown(text: str) -> str:
    """For status and log: no credentials, and no half characters, which file names may hold and JSON may not."""
    return sanitise(text).encode("utf-8", "replace").decode()
