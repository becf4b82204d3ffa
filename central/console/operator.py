"""Who sits at this browser: a name asked once, kept in a cookie, written into the history of what they decide.

It is a name, not a proof of identity; the login in front of the console is what keeps strangers out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote, unquote

COOKIE = "kerbwatch_operator"
MAX_NAME = 60


def valid_name(text: str) -> str | None:
    """``text`` tidied, or None when it is empty, too long or holds control characters."""
    name = " ".join(text.split())
    return name if 0 < len(name) <= MAX_NAME and name.isprintable() else None


def name_from(cookies: Mapping[str, str]) -> str | None:
    """The operator a browser remembers."""
    return valid_name(unquote(cookies.get(COOKIE, "")))


def remember_script(name: str) -> str:
    """JavaScript that keeps ``name`` in the browser for a year."""
    cookie = f"{COOKIE}={quote(name, safe='')}; path=/; max-age=31536000; SameSite=Strict"
    return f"document.cookie = {json.dumps(cookie)}"
