"""Where messages travel: ``kerbwatch/v1/{site}/{node}/{channel}``.

A node writes only below its own prefix (broker ACL); the centre writes ``ack``, ``command`` and what is ``desired``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

ROOT = "kerbwatch/v1"


class Channel(StrEnum):
    """The last part of a topic."""

    STATUS = "status"
    EVENT = "event"
    READING = "reading"
    STAT = "stat"
    ACK = "ack"
    COMMAND = "command"
    CONFIG_DESIRED = "config/desired"
    CONFIG_REPORTED = "config/reported"
    MODEL_DESIRED = "model/desired"
    MODEL_REPORTED = "model/reported"


_PATTERN = re.compile(rf"{ROOT}/([a-z0-9_-]+)/([a-z0-9_-]+)/([a-z]+(?:/[a-z]+)?)")

INTAKE_FILTERS = tuple(
    f"{ROOT}/+/+/{channel}"
    for channel in (
        Channel.EVENT,
        Channel.READING,
        Channel.STATUS,
        Channel.CONFIG_REPORTED,
        Channel.MODEL_REPORTED,
    )
)
"""What the centre subscribes to."""

ORDER_CHANNELS = (Channel.ACK, Channel.COMMAND, Channel.CONFIG_DESIRED, Channel.MODEL_DESIRED)
"""What a node subscribes to, of its own topics."""


@dataclass(frozen=True)
class Topic:
    """A topic taken apart."""

    site: str
    node: str
    channel: Channel

    def __str__(self) -> str:
        return f"{ROOT}/{self.site}/{self.node}/{self.channel}"


def parse_topic(text: str) -> Topic | None:
    """The parts of a Kerbwatch topic, or ``None`` for any other topic."""
    match = _PATTERN.fullmatch(text)
    if match is None or match[3] not in set(Channel):
        return None
    return Topic(match[1], match[2], Channel(match[3]))
