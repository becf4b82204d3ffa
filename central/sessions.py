"""Who may come in: the access token, browser sessions, and a brake on guessing. No web code here."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict, deque

from ingest.clock import Clock

SESSION_S = 12 * 3600
"""A shift and a bit; sessions live in memory, so a restart ends them."""
MAX_SESSIONS = 1000
MAX_FAILURES = 10
FAILURE_WINDOW_S = 60.0
MAX_ADDRESSES = 10_000


class Gatekeeper:
    """Checks tokens and sessions. Without a token everybody is let in: then only this machine can reach us."""

    def __init__(self, token: str | None, clock: Clock) -> None:
        self._token = None if token is None else token.encode()
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, float] = OrderedDict()
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    @property
    def locked(self) -> bool:
        """Whether a token is needed at all."""
        return self._token is not None

    def token_is_right(self, given: str) -> bool:
        """Compare in constant time."""
        return self._token is not None and hmac.compare_digest(self._token, given.encode())

    def open_session(self) -> str:
        """A new session's secret, for the cookie."""
        secret = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[secret] = self._clock.monotonic() + SESSION_S
            while len(self._sessions) > MAX_SESSIONS:
                self._sessions.popitem(last=False)
        return secret

    def session_is_open(self, secret: str) -> bool:
        """Whether the secret belongs to a session that has not ended."""
        with self._lock:
            until = self._sessions.get(secret)
            if until is not None and until <= self._clock.monotonic():
                del self._sessions[secret]
                return False
            return until is not None

    def close_session(self, secret: str) -> None:
        """End a session; unknown ones are ignored."""
        with self._lock:
            self._sessions.pop(secret, None)

    def braked(self, address: str) -> bool:
        """Whether ``address`` guessed wrong too often within the last minute."""
        with self._lock:
            return len(self._recent(address)) >= MAX_FAILURES

    def note_failure(self, address: str) -> None:
        """Count a wrong guess."""
        with self._lock:
            recent = self._recent(address)
            recent.append(self._clock.monotonic())
            self._failures[address] = recent
            self._failures.move_to_end(address)
            while len(self._failures) > MAX_ADDRESSES:
                self._failures.popitem(last=False)

    def _recent(self, address: str) -> deque[float]:
        recent = self._failures.get(address, deque())
        horizon = self._clock.monotonic() - FAILURE_WINDOW_S
        while recent and recent[0] <= horizon:
            recent.popleft()
        return recent
