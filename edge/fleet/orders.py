"""Whether what came from the broker is the centre's order for this node; pure."""

from __future__ import annotations

from collections.abc import Collection

from ingest.fleet import CENTRE_SOURCE, ConfigDesired, ModelDesired, NodeCommand, TimeAnswer
from ingest.messages import ContractError, Event, parse_event
from ingest.signing import verify
from ingest.topics import Channel

EXPECTED: dict[Channel, type] = {
    Channel.COMMAND: NodeCommand,
    Channel.CONFIG_DESIRED: ConfigDesired,
    Channel.MODEL_DESIRED: ModelDesired,
    Channel.ACK: TimeAnswer,
}


class OrderRefused(Exception):  # noqa: N818 - an outcome that is counted, not a failure
    """No order for this node; ``reason`` is machine-readable."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def read_order(payload: bytes, channel: Channel, *, keys: Collection[str], site: str, node: str) -> Event:
    """The event of an order, checked against contract, signature and addressee.

    Args:
        payload: As it came.
        channel: Where it came.
        keys: The centre's public keys that were pinned; none: nothing is obeyed.
        site: This node's site.
        node: This node's name.

    Raises:
        OrderRefused: ``no_centre_key``, ``bad_signature``, ``wrong_channel``, ``another_node``, ``another_source`` or a
            reason of ``ContractError``.
    """
    try:
        event = parse_event(payload)
    except ContractError as error:
        raise OrderRefused(error.reason, error.detail) from error
    data = event.data
    if not isinstance(data, NodeCommand | ConfigDesired | ModelDesired | TimeAnswer) or not isinstance(
        data, EXPECTED[channel]
    ):
        raise OrderRefused("wrong_channel", f"{event.type} on the {channel} channel")
    if not keys and isinstance(data, TimeAnswer):
        # Like acknowledgements, the time is then guarded by the broker's access list alone.
        return _addressed(event, data, site, node)
    if not keys:
        raise OrderRefused("no_centre_key", "give [fleet] centre_key_file, the public key that the centre prints")
    if event.signature is None or not any(verify(payload, event.signature, key) for key in keys):
        raise OrderRefused("bad_signature", f"{event.type}: not signed by a key of [fleet] centre_key_file")
    return _addressed(event, data, site, node)


def _addressed(
    event: Event, data: NodeCommand | ConfigDesired | ModelDesired | TimeAnswer, site: str, node: str
) -> Event:
    if event.source != CENTRE_SOURCE:
        raise OrderRefused("another_source", f"source {event.source[:80]}")
    if (data.site, data.node) != (site, node):
        raise OrderRefused("another_node", f"it is for {data.site}/{data.node}")
    return event
