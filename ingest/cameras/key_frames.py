"""Which frames of a stream are decoded (pure): key frames alone where they come often enough for the looks.

The distance of key frames (关键帧间隔) is a setting of the camera that nobody documents and that cameras change by
themselves ("smart codec"), so it is measured all the time.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from ingest.cameras.source import Decoding, DecodingReason

GOOD_IN_A_ROW = 6
"""So many short distances in a row are believed; a single long one is enough against them."""

SLACK = 1.1
SLACK_S = 0.05
"""Key frames this much later than a look are as good as in time."""


class DecodeChoice(StrEnum):
    """What the configuration says."""

    AUTO = "auto"
    KEY_FRAMES = "key_frames"
    FULL = "full"


@dataclass(frozen=True)
class Decision:
    """Which frames to decode, and why."""

    decoding: Decoding
    reason: DecodingReason


class KeyFrameMeter:
    """Measures the distance of key frames in seconds of media time."""

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._first_s: float | None = None
        self._now_s: float | None = None
        self._distances: deque[float] = deque(maxlen=GOOD_IN_A_ROW)

    def saw(self, position_s: float, *, is_key: bool) -> None:
        """A packet at ``position_s``. Time that runs backwards or leaps by a minute starts the measurement anew."""
        if self._now_s is not None and not -1.0 <= position_s - self._now_s <= 60.0:
            self._last_s = self._first_s = None
            self._distances.clear()
        self._now_s = position_s
        if self._first_s is None:
            self._first_s = position_s
        if not is_key:
            return
        if self._last_s is not None and position_s > self._last_s:
            self._distances.append(position_s - self._last_s)
        self._last_s = position_s

    @property
    def distance_s(self) -> float | None:
        """The longest of the last distances, the one that is growing included; ``None`` before the second key frame."""
        if not self._distances:
            return None
        return max(*self._distances, self.waited_s)

    @property
    def waited_s(self) -> float:
        """Time since the last key frame, or since the first packet where there was none."""
        since_s = self._last_s if self._last_s is not None else self._first_s
        return 0.0 if since_s is None or self._now_s is None else max(0.0, self._now_s - since_s)

    @property
    def settled(self) -> bool:
        """Whether enough distances were seen to trust them."""
        return len(self._distances) == GOOD_IN_A_ROW


def decide(
    meter: KeyFrameMeter,
    *,
    look_interval_s: float,
    choice: DecodeChoice,
    burst: bool,
    before: Decision | None,
) -> Decision:
    """Which frames to decode from here on.

    A gap that is already too long counts before it ends: the looks that fall into it are due now.
    """
    if burst:
        return Decision(Decoding.FULL, DecodingReason.BURST)
    if choice is DecodeChoice.FULL:
        return Decision(Decoding.FULL, DecodingReason.CONFIGURED)
    if choice is DecodeChoice.KEY_FRAMES:
        return Decision(Decoding.KEY_FRAMES, DecodingReason.CONFIGURED)
    limit_s = look_interval_s * SLACK + SLACK_S
    if max(meter.waited_s, meter.distance_s or 0.0) > limit_s:
        return Decision(Decoding.FULL, DecodingReason.SPARSE)
    if meter.settled:
        return Decision(Decoding.KEY_FRAMES, DecodingReason.SUFFICE)
    if before is not None and before.reason is not DecodingReason.BURST:
        return before
    return Decision(Decoding.KEY_FRAMES, DecodingReason.MEASURING)
