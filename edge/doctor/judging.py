"""What measured facts mean; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.doctor.finding import Finding, ok, problem, warning
from edge.fleet.clock import SHOWN_DIFFERENCE_S
from edge.pictures import QUOTA_BYTES
from edge.spool import SpoolLimits

SOON = timedelta(days=30)
SHORT_BYTES = 64 * 1024 * 1024
"""Less free than this and events are about to be lost."""
SPOOL_FULL = 0.8
_OLDEST = 2024


def judge_clock(now: datetime, *, kernel: bool, centre_differs_s: float | None) -> Finding:
    """The system's clock. ``centre_differs_s``: the centre's time minus ours, where it could be asked."""
    if now.year < _OLDEST:
        return problem(
            "clock",
            "clock_unset",
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, which cannot be",
            "let the box reach a time server (timedatectl set-ntp true), or fit a battery",
        )
    if centre_differs_s is not None and abs(centre_differs_s) > SHOWN_DIFFERENCE_S:
        who = (
            "the system says its clock is synchronised, so look at the centre's clock too" if kernel else "set it"
        )
        side = "behind" if centre_differs_s > 0 else "ahead of"
        return problem(
            "clock",
            "clock_differs",
            f"the clock is {abs(centre_differs_s):.0f} s {side} the centre's",
            f"timedatectl set-ntp true; {who}",
        )
    if kernel:
        return ok("clock", "the system's clock is synchronised")
    if centre_differs_s is not None:
        return warning(
            "clock",
            "clock_by_centre",
            "no time server sets the clock; it agrees with the centre's, by which the node goes",
            "timedatectl set-ntp true, so that the time is known without the centre too",
        )
    return problem(
        "clock",
        "clock_untrusted",
        "no time server sets the clock and the centre could not be asked: rules with hours wait",
        "timedatectl set-ntp true, or bring the centre within reach",
    )


def judge_certificate(check: str, not_after: datetime, now: datetime) -> Finding:
    """How long a certificate still holds."""
    left = not_after - now
    if left < timedelta(0):
        return problem(check, "certificate_expired", f"the certificate ended on {not_after:%Y-%m-%d}", "renew it")
    if left < SOON:
        return warning(
            check,
            "certificate_ends_soon",
            f"the certificate ends in {left.days} day(s), on {not_after:%Y-%m-%d}",
            "renew it",
        )
    return ok(check, f"the certificate holds until {not_after:%Y-%m-%d}")


def judge_disk(free: int, pictures_bytes: int) -> Finding:
    """Room for what the node may have to keep while the centre is away."""
    still = max(0, SpoolLimits().total_bytes + QUOTA_BYTES - pictures_bytes)
    if free < SHORT_BYTES:
        return problem(
            "disk", "disk_full", f"{_mib(free)} are free: events are about to be lost", "free space on this disk"
        )
    if free < still:
        return warning(
            "disk",
            "disk_short",
            f"{_mib(free)} are free; in a long outage events and pictures may take {_mib(still)} more",
            "free space, or give the node a larger disk",
        )
    return ok("disk", f"{_mib(free)} are free")


def judge_spool(events: int, size: int, evicted: int) -> Finding:
    """What waits for the centre."""
    limits = SpoolLimits()
    if events > SPOOL_FULL * limits.rows or size > SPOOL_FULL * limits.total_bytes:
        return problem(
            "spool",
            "spool_nearly_full",
            f"{events} events ({_mib(size)}) wait for the centre; the least important are soon given up",
            "bring broker and centre within reach; see the broker check",
        )
    if evicted:
        return warning(
            "spool",
            "spool_evicted",
            f"{evicted} events were given up in the past because the spool was full; {events} wait",
            "nothing, if the outage is over; the centre lists them as evictions",
        )
    return ok("spool", f"{events} event(s) wait for the centre, the file is whole")


def _mib(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MiB"
