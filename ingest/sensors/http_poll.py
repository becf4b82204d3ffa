"""A number in the JSON that a device serves over HTTP."""

from __future__ import annotations

import ssl

import httpx

from ingest.clock import Clock
from ingest.sanitise import sanitise
from ingest.sensors.numbers import MOST_BYTES
from ingest.sensors.payload import PayloadReader
from ingest.sensors.settings import HttpSource
from ingest.sensors.source import Failure, NoSample, Sample


class HttpDevice:
    """An address that answers GET with JSON. Redirects are not followed: they would lead past the allow-list."""

    def __init__(self, source: HttpSource, *, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._reader = PayloadReader(source)
        token = source.token()
        self._client = httpx.Client(
            # Uncompressed: a few bytes could unpack to gigabytes.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"}
            | ({} if token is None else {"Authorization": f"Bearer {token}"}),
            timeout=source.timeout_s,
            verify=ssl.create_default_context(cafile=str(source.ca_file) if source.ca_file else None),
            follow_redirects=False,
            trust_env=False,
        )

    def ask(self) -> Sample | NoSample:
        """Asks once."""
        try:
            return self._ask()
        except httpx.TimeoutException as error:
            return self._none(Failure.TIMED_OUT, type(error).__name__)
        except httpx.TransportError as error:
            return self._none(Failure.UNREACHABLE, f"{type(error).__name__}: {error}")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            return self._none(Failure.BAD_ANSWER, f"{type(error).__name__}: {error}")

    def _ask(self) -> Sample | NoSample:
        deadline_s = self._clock.monotonic() + 2 * self._source.timeout_s
        body = bytearray()
        with self._client.stream("GET", self._source.url) as answer:
            if answer.status_code != httpx.codes.OK:
                return self._none(Failure.REFUSED, f"status {answer.status_code}")
            if answer.headers.get("content-encoding", "identity") != "identity":
                return self._none(Failure.BAD_ANSWER, "compressed although it was asked not to be")
            for part in answer.iter_raw(16 * 1024):
                body += part
                if len(body) > MOST_BYTES:
                    return self._none(Failure.BAD_ANSWER, f"more than {MOST_BYTES} bytes")
                if self._clock.monotonic() > deadline_s:
                    # The client's time-out is per read: a byte now and then would keep it for ever.
                    return self._none(Failure.TIMED_OUT, "the answer does not end")
        return self._reader.read(bytes(body), self._clock.now(), self._clock.monotonic())

    def _none(self, failure: Failure, detail: str) -> NoSample:
        return NoSample(self._clock.now(), self._clock.monotonic(), failure, sanitise(detail))

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
