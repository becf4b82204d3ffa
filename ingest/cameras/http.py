"""Fetching from cameras over HTTP: every hop is held against the allow-list, nothing is followed blindly.

Redirects are followed here, by hand, because the library would send credentials and requests before anyone could
object. Compressed bodies are not asked for, so a small answer cannot grow.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import httpx

from ingest.cameras.address import Address, AddressError, AddressKind, parse_address
from ingest.cameras.policy import SourcePolicy, host_of
from ingest.cameras.source import SourceError, SourceFailure
from ingest.cameras.tls import TlsOptions
from ingest.clock import Clock
from ingest.sanitise import sanitise

MAX_REDIRECTS = 3

_STATUS = {
    401: SourceFailure.UNAUTHORISED,
    403: SourceFailure.UNAUTHORISED,
    404: SourceFailure.NOT_FOUND,
    410: SourceFailure.NOT_FOUND,
}


class CameraAuth(httpx.Auth):
    """Digest or Basic, whichever the camera asks for; nothing is sent unasked."""

    def __init__(self, user: str, password: str) -> None:
        self._digest = httpx.DigestAuth(user, password)
        self._basic = httpx.BasicAuth(user, password)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See :class:`httpx.Auth`."""
        flow = self._digest.auth_flow(request)
        response = yield next(flow)
        challenges = response.headers.get("WWW-Authenticate", "").lower()
        if response.status_code == 401 and "digest" not in challenges and "basic" in challenges:
            yield from self._basic.auth_flow(request)
            return
        try:
            while True:
                response = yield flow.send(response)
        except StopIteration:
            return


class CameraHttp:
    """A client for one camera.

    Args:
        address: The camera's; its credentials are sent to its own host only.
        policy: Where it may lead.
        tls: Whom to trust.
        open_timeout_s, read_timeout_s: Limits in seconds; the latter between two pieces of an answer.
        clock: Measures silence.
    """

    def __init__(
        self,
        address: Address,
        policy: SourcePolicy,
        tls: TlsOptions,
        *,
        open_timeout_s: float,
        read_timeout_s: float,
        clock: Clock,
    ) -> None:
        self._origin = _origin_of(address.target)
        self._host = host_of(address)
        self._policy = policy
        self._clock = clock
        self._read_timeout_s = read_timeout_s
        parts = urlsplit(address.target)
        self._auth = (
            CameraAuth(unquote(parts.username), unquote(parts.password or ""))
            if parts.username is not None
            else None
        )
        try:
            context = tls.context()
        except OSError as error:
            raise SourceError(SourceFailure.TLS, f"tls_ca_file cannot be read: {error}") from None
        self._client = httpx.Client(
            verify=context,
            timeout=httpx.Timeout(read_timeout_s, connect=open_timeout_s, pool=open_timeout_s),
            headers={"User-Agent": "kerbwatch", "Accept-Encoding": "identity"},
            follow_redirects=False,
            # The camera is where the file says, not where a proxy of the environment leads.
            trust_env=False,
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    @contextmanager
    def get(self, url: str) -> Iterator[tuple[httpx.Response, str]]:
        """The answer to a GET, not yet read, and the address it finally came from, without credentials.

        Raises:
            SourceError: With the typed cause; also for whatever goes wrong while the answer is read.
        """
        with _typed():
            for _ in range(MAX_REDIRECTS + 1):
                here = self._allowed(url)
                with self._client.stream("GET", here, auth=self._credentials_for(here)) as response:
                    if response.has_redirect_location:
                        url = urljoin(here, response.headers["Location"])
                        continue
                    _check_status(response)
                    yield response, here
                    return
        raise SourceError(SourceFailure.REFUSED, f"more than {MAX_REDIRECTS} redirects")

    def body(self, response: httpx.Response) -> Iterator[bytes]:
        """The pieces of an answer. Raises SourceError after ``read_timeout_s`` seconds without one."""
        with _typed():
            yield from response.iter_raw()

    def fetch(self, url: str, *, at_most: int) -> tuple[bytes, str]:
        """A whole answer of at most so many bytes, and where it came from.

        Raises:
            SourceError: With the typed cause; ``TIMED_OUT`` also for an answer that trickles.
        """
        deadline = self._clock.monotonic() + 4 * self._read_timeout_s
        found = bytearray()
        with self.get(url) as (response, here):
            for piece in self.body(response):
                found += piece
                if len(found) > at_most:
                    raise SourceError(SourceFailure.TOO_LARGE, f"more than {at_most} bytes")
                if self._clock.monotonic() > deadline:
                    raise SourceError(
                        SourceFailure.TIMED_OUT, f"{len(found)} bytes in {4 * self._read_timeout_s:g} s"
                    )
        return bytes(found), here

    def _allowed(self, url: str) -> str:
        """``url`` without its credentials, which travel apart."""
        try:
            address = parse_address(url)
        except AddressError as error:
            detail = f"the camera leads to {sanitise(url)[:200]}: {error}"
            raise SourceError(SourceFailure.NOT_ALLOWED, detail) from None
        if address.kind is not AddressKind.HTTP:
            detail = f"the camera leads to {address.shown[:200]}, which is not HTTP"
            raise SourceError(SourceFailure.NOT_ALLOWED, detail)
        self._policy.check(address, led_from=self._host)
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))

    def _credentials_for(self, url: str) -> httpx.Auth | None:
        return self._auth if _origin_of(url) == self._origin else None


def _origin_of(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, parts.hostname or "", parts.port or (443 if scheme == "https" else 80)


def _check_status(response: httpx.Response) -> None:
    code = response.status_code
    if code < 400 and code not in (204, 205):
        return
    reason = _STATUS.get(code, SourceFailure.SERVER_ERROR if code >= 500 else SourceFailure.REFUSED)
    raise SourceError(reason, f"HTTP {code} {sanitise(response.reason_phrase)[:100]}".strip())


@contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException:
        raise SourceError(SourceFailure.TIMED_OUT, "no answer in time") from None
    except httpx.ConnectError as error:
        raise _connect_failure(error) from None
    except httpx.RemoteProtocolError as error:
        raise SourceError(SourceFailure.STREAM_ENDED, sanitise(str(error))[:200]) from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        detail = sanitise(f"{type(error).__name__}: {error}")[:200]
        raise SourceError(SourceFailure.UNREACHABLE, detail) from None


def _connect_failure(error: httpx.ConnectError) -> SourceError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return SourceError(
                SourceFailure.TLS, f"its certificate is not trusted ({cause.verify_message}); give tls_ca_file"
            )
        if isinstance(cause, ssl.SSLError):
            return SourceError(SourceFailure.TLS, f"no TLS with it ({cause.reason or cause})")
        if isinstance(cause, ConnectionRefusedError):
            return SourceError(SourceFailure.REFUSED, "nobody listens there")
        cause = cause.__cause__ or cause.__context__
    return SourceError(SourceFailure.UNREACHABLE, sanitise(str(error))[:200])
