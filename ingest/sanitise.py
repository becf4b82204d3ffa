"""Keeps credentials out of logs, errors and messages."""

from __future__ import annotations

import re

_USER_INFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^/\s'\"<>?#]*@", re.IGNORECASE)
_SECRET_QUERY = re.compile(
    r"(?P<key>[?&;][^=&;\s'\"]*(?:pass|pwd|token|secret|auth|key|user|login|credential|sig)[^=&;\s'\"]*=)"
    r"[^&;#\s'\"<>]*",
    re.IGNORECASE,
)


def sanitise(text: str) -> str:
    """``text`` with the user information and secret-looking query values of every URL in it replaced by ``***``.

    A password may itself hold ``@``, so everything up to the last one before the path goes. Sanitise before
    cutting a text short: a URL cut before its ``@`` is not recognised any more.
    """
    hidden = _USER_INFO.sub(r"\g<scheme>***@", text)
    return _SECRET_QUERY.sub(r"\g<key>***", hidden)
