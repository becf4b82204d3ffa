"""Whether the cameras look after a change as they did before (试用期); pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ingest.messages import CameraStatus

GOOD_LOOKS = 3
"""A camera looks again when it has done so this often: one look says nothing about what a rule does with it."""
RECENT_S = 60.0
"""A camera whose last look is older, and five of its intervals, did not look before the change either."""
MOST_STARTS = 3
"""A change on probation outlives so many starts of the program; then it is held to be what ends it."""


class Verdict(StrEnum):
    """How a probation stands."""

    WAITING = "waiting"
    HEALTHY = "healthy"
    FAILED = "failed"


@dataclass(frozen=True)
class Judgement:
    """A verdict; a failed one has a reason code and says which cameras."""

    verdict: Verdict
    reason: str = ""
    problems: tuple[str, ...] = ()


def looking(statuses: Sequence[CameraStatus], intervals: Mapping[str, float], now: datetime) -> tuple[str, ...]:
    """The cameras that look: they, and only they, must look again after a change."""
    found = []
    for status in statuses:
        limit = timedelta(seconds=RECENT_S + 5 * intervals.get(status.name, 0.0))
        at_work = status.state in ("looking", "blind") and status.last_look is not None
        if at_work and status.last_look is not None and abs(now - status.last_look) <= limit:
            found.append(status.name)
    return tuple(found)


def judge_probation(
    looked: Sequence[str], statuses: Sequence[CameraStatus], *, most_failed: int, over: bool
) -> Judgement:
    """How the cameras do since the change.

    Args:
        looked: Those that looked before.
        statuses: As they are now, counted since the change.
        most_failed: Looks that may fail before the first one succeeds.
        over: Whether the time for it is over.
    """
    now = {status.name: status for status in statuses}
    missing = [name for name in looked if name not in now]
    if missing:
        return Judgement(Verdict.FAILED, "camera_missing", tuple(f"{name}: is gone" for name in missing))
    waiting = [now[name] for name in looked if not _looks_again(now[name])]
    if not waiting:
        return Judgement(Verdict.HEALTHY)
    failed = [status for status in waiting if status.looks == 0 and status.looks_failed >= most_failed]
    if failed:
        return Judgement(Verdict.FAILED, "cameras_do_not_look", tuple(map(_said, failed)))
    if over:
        return Judgement(Verdict.FAILED, "probation_over", tuple(map(_said, waiting)))
    return Judgement(Verdict.WAITING)


def _looks_again(status: CameraStatus) -> bool:
    if status.state == "ended":
        return True
    return status.looks >= GOOD_LOOKS and status.state != "failed"


def _said(status: CameraStatus) -> str:
    return f"{status.name}: {status.looks} look(s), {status.looks_failed} failed, {status.state}; {status.detail}"[
        :500
    ]
