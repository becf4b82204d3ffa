"""A JSON payload as a sample, or why it is none: what MQTT and HTTP share."""

from __future__ import annotations

from datetime import datetime

from ingest.sensors.numbers import NotANumberError, decode, find, number
from ingest.sensors.settings import JsonMapping
from ingest.sensors.source import Failure, NoSample, Sample
from ingest.sensors.stamps import Newest, moment_of


class PayloadReader:
    """Reads payloads by a mapping, in the order of their arrival."""

    def __init__(self, mapping: JsonMapping) -> None:
        self._mapping = mapping
        self._newest = Newest()

    def read(self, payload: bytes, at: datetime, steady_s: float, *, kept: bool = False) -> Sample | NoSample:
        """The sample in a payload that arrived at ``at`` (UTC); ``kept``: the broker had it from before.

        The sample's time is its arrival, by the node's clock: the device's own only tells what is old or a repetition.
        """
        mapping = self._mapping
        try:
            document = decode(payload)
            if mapping.time is not None:
                measured = moment_of(find(document, mapping.time))
                off_s = (at - measured).total_seconds()
                if abs(off_s) > mapping.max_age_s:
                    side = "behind" if off_s > 0 else "ahead of"
                    return NoSample(
                        at, steady_s, Failure.STALE, f"measured {abs(off_s):.0f} s {side} this node's clock"
                    )
                if not self._newest.take(measured):
                    return NoSample(at, steady_s, Failure.REPEATED, "not newer than the reading before it")
            elif kept:
                return NoSample(
                    at, steady_s, Failure.STALE, "kept by the broker from before; nobody knows how old"
                )
            return Sample(at, steady_s, number(find(document, mapping.value), mapping.words))
        except NotANumberError as error:
            return NoSample(at, steady_s, Failure.BAD_ANSWER, str(error))
