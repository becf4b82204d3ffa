"""Which machines a node may ask for readings (主机白名单)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?", re.IGNORECASE
)

LOOPBACK = ("127.0.0.0/8", "::1/128", "localhost")
"""Allowed where the configuration names nobody."""


def checked_rule(text: str) -> str:
    """A name, an address or a network, in lower case. Raises ValueError."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        if "/" in text or re.fullmatch(r"[\d.]+|.*:.*", text) or not _HOST.fullmatch(text):
            raise ValueError(
                f"{text!r} is no host; give a name, an address or a network such as 192.168.7.0/24"
            ) from error
    return text.lower().rstrip(".")


HostRule = Annotated[str, Field(max_length=253), AfterValidator(checked_rule)]


def check_host(host: str, rules: Sequence[str]) -> None:
    """Raises ValueError where ``host`` (a name or an address) is none of ``rules``.

    A name is compared as it is written: whoever allows a name trusts who answers for it.
    """
    name = host.lower().rstrip(".").strip("[]")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        allowed = name in rules
    else:
        allowed = any(address in network for rule in rules if (network := _network(rule)) is not None)
    if not allowed:
        raise ValueError(f"host {host!r} is not allowed; add it to sensor_hosts = [...] of [node] if it is yours")


def _network(rule: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(rule)
    except ValueError:
        return None
