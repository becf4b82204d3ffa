"""The newest log lines of this run, bounded and without credentials, for whoever asks from afar (日志留存)."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import MutableMapping
from typing import Any

from ingest.sanitise import sanitise

LINES = 400
LINE_CHARACTERS = 400
_HIDDEN = ("password", "passwd", "token", "secret", "credential")


class LogRing:
    """Keeps the last :data:`LINES` lines. Thread-safe; a processor of structlog that changes nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=LINES)

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Remember one log event; fields that are named like secrets are not remembered."""
        shown = {key: value for key, value in event.items() if not any(word in key.lower() for word in _HIDDEN)}
        line = sanitise(json.dumps(shown, default=str, ensure_ascii=False))
        with self._lock:
            self._lines.append(line)
        return event

    def newest(self, most_bytes: int) -> tuple[str, ...]:
        """As many of the newest lines as fit into ``most_bytes`` of UTF-8, oldest first, each cut to its length."""
        with self._lock:
            lines = list(self._lines)
        kept: list[str] = []
        for line in reversed(lines):
            # Cut after sanitising: a URL cut before its "@" would no longer be known for one.
            text = line.encode("utf-8", "replace").decode()[:LINE_CHARACTERS]
            most_bytes -= len(text.encode())
            if most_bytes < 0:
                break
            kept.append(text)
        return tuple(reversed(kept))
