"""Whether the kernel's clock is kept by NTP or the like, asked with ``adjtimex(2)``."""

from __future__ import annotations

import ctypes
import sys

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5


class _Timeval(ctypes.Structure):
    _fields_ = (("sec", ctypes.c_long), ("usec", ctypes.c_long))


class _Timex(ctypes.Structure):
    """``struct timex`` of the kernel's interface; only ``modes`` (in) and ``status`` (out) are used."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", _Timeval),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        # The kernel keeps 44 bytes for later; more is harmless and survives another layout.
        ("reserve", ctypes.c_int * 32),
    )


def kernel_synchronised() -> bool:
    """Whether the kernel says that its clock is synchronised; ``False`` also where it cannot be asked."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return False
    request = _Timex()
    request.modes = 0  # reads only, which needs no privilege
    state = int(adjtimex(ctypes.byref(request)))
    return state >= 0 and is_synchronised(state, int(request.status))


def is_synchronised(state: int, status: int) -> bool:
    """What the answer of ``adjtimex`` means: its return value and the status word."""
    return state != _TIME_ERROR and not status & _STA_UNSYNC
