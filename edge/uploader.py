"""Sends evidence pictures to the centre by content address, apart from events: neither delays the other."""

from __future__ import annotations

import ssl
import threading
from random import Random

import httpx
import structlog

from edge.config import CentreSection
from edge.pictures import PictureStore, QueuedPicture
from ingest.cameras.backoff import Backoff
from ingest.clock import Clock
from ingest.sealed import MEDIA_TYPE as SEALED_TYPE
from ingest.sealed import is_sealed

log = structlog.get_logger(__name__)

TIMEOUT_S = 20.0
IDLE_WAIT_S = 1.0
PICTURE_RETRY_S = (5.0, 600.0)
"""First and longest pause before one picture is tried again, while others go on."""

_WORTH_RETRYING = frozenset({401, 403, 404, 408, 425, 429})
"""Answers that may be the centre's configuration or load and not the picture: 4xx, but tried again."""


class Uploader:
    """A thread that empties the picture queue.

    Args:
        centre: Where to, with which token.
        store: The queue.
        clock: Times the tries.
        rng: Spreads retries of a fleet.
        transport: For tests.
    """

    def __init__(
        self,
        centre: CentreSection,
        store: PictureStore,
        *,
        clock: Clock,
        rng: Random,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rng = rng
        self._connection = Backoff(first_s=1.0, most_s=120.0, rng=rng)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        token = centre.token()
        self._client = httpx.Client(
            base_url=centre.url,
            headers={} if token is None else {"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_S,
            verify=ssl.create_default_context(cafile=str(centre.ca_file) if centre.ca_file else None),
            transport=transport,
            # The centre is where the file says, not where a proxy of the environment leads.
            trust_env=False,
        )

    def start(self) -> None:
        """Begin sending in the background."""
        self._thread = threading.Thread(target=self._run, name="uploader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the picture in hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(TIMEOUT_S)
        self._client.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._stopping.wait(self.step())
            except Exception as error:  # noqa: BLE001 - logged and backed off; pictures wait in their queue
                pause_s = self._connection.failed()
                log.error("uploader.failed", error=f"{type(error).__name__}: {error}", pause_s=round(pause_s, 1))
                self._stopping.wait(pause_s)

    def step(self) -> float:
        """Send one picture; seconds to wait before the next step."""
        self._store.keep_quota()
        picture = self._store.next_due(self._clock.now().timestamp())
        if picture is None:
            return IDLE_WAIT_S
        try:
            content = picture.path.read_bytes()
        except OSError as error:
            log.error("uploader.picture_lost", sha256=picture.sha256, error=str(error))
            self._store.refused(picture.sha256, "lost")
            return 0.0
        try:
            answer = self._client.put(
                f"/api/v1/pictures/{picture.sha256}",
                content=content,
                headers={"Content-Type": SEALED_TYPE if is_sealed(content) else "image/jpeg"},
            )
        except httpx.HTTPError as error:
            pause_s = self._connection.failed()
            log.debug("uploader.unreachable", error=str(error), pause_s=round(pause_s, 1))
            return pause_s
        self._connection.succeeded()
        return self._settle(picture, answer.status_code)

    def _settle(self, picture: QueuedPicture, status: int) -> float:
        if 200 <= status < 300:
            self._store.uploaded(picture.sha256)
            return 0.0
        if 400 <= status < 500 and status not in _WORTH_RETRYING:
            log.error("uploader.refused", sha256=picture.sha256, status=status)
            self._store.refused(picture.sha256, f"http_{status}")
            return 0.0
        first_s, most_s = PICTURE_RETRY_S
        pause_s = min(most_s, first_s * 2.0 ** min(picture.attempts, 16)) * (0.5 + 0.5 * self._rng.random())
        log.warning("uploader.retry", sha256=picture.sha256, status=status, pause_s=round(pause_s, 1))
        self._store.retry(picture.sha256, self._clock.now().timestamp() + pause_s)
        return 0.0
