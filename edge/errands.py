"""What a camera is asked to do beside its rounds: look now, and perhaps bring a picture."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from edge.pictures import StoredPicture
from ingest.fleet import CommandPicture


@dataclass(frozen=True)
class Brought:
    """What came of an errand: the reason it failed, or nothing or a covered picture."""

    reason: str = ""
    detail: str = ""
    picture: CommandPicture | None = None
    stored: StoredPicture | None = None


@dataclass
class Errand:
    """Given by one thread, done by the camera's."""

    camera: str
    wants_picture: bool
    _done: threading.Event = field(default_factory=threading.Event)
    _brought: Brought = Brought("not_done")

    def finish(self, brought: Brought) -> None:
        """The camera has looked, or could not."""
        self._brought = brought
        self._done.set()

    def wait(self, seconds: float) -> Brought | None:
        """What it brought; None when it is not done within ``seconds``."""
        return self._brought if self._done.wait(seconds) else None
