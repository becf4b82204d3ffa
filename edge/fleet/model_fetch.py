"""Fetches a model's files from the centre by content, over HTTPS (thin shell over httpx)."""

from __future__ import annotations

import ssl
from collections.abc import Generator
from urllib.parse import urlsplit

import httpx

from edge.config import CentreSection
from edge.fleet.model_store import Download, FetchRefused
from ingest.config import is_loopback

TIMEOUT_S = 30.0
_CHUNK = 256 * 1024
_WORTH_RETRYING = frozenset({401, 403, 404, 408, 425, 429})
"""404: the centre may still be given the file."""


def centre_download(centre: CentreSection | None, transport: httpx.BaseTransport | None = None) -> Download:
    """How bytes are had from that centre."""

    def download(sha256: str, offset: int) -> Generator[bytes, None, None]:
        if centre is None:
            raise FetchRefused(
                "no_centre", "the node's file has no [centre]; models come from there", passing=False
            )
        parts = urlsplit(centre.url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise FetchRefused(
                "not_https", "models are not taken over plain http; give https:// in [centre] url", passing=False
            )
        yield from _stream(centre, sha256, offset, transport)

    return download


def _stream(
    centre: CentreSection, sha256: str, offset: int, transport: httpx.BaseTransport | None
) -> Generator[bytes, None, None]:
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    if (token := centre.token()) is not None:
        headers["Authorization"] = f"Bearer {token}"
    verify = ssl.create_default_context(cafile=str(centre.ca_file) if centre.ca_file else None)
    try:
        with (
            httpx.Client(
                base_url=centre.url, timeout=TIMEOUT_S, verify=verify, transport=transport, trust_env=False
            ) as client,
            client.stream("GET", f"/api/v1/models/{sha256}", headers=headers) as answer,
        ):
            yield from _body(answer, offset)
    except httpx.HTTPError as error:
        raise FetchRefused("unreachable", f"{type(error).__name__}: {error}"[:300], passing=True) from error


def _body(answer: httpx.Response, offset: int) -> Generator[bytes, None, None]:
    status = answer.status_code
    if status not in (200, 206):
        passing = status >= 500 or status in _WORTH_RETRYING
        raise FetchRefused(f"http_{status}", "the centre does not give the file", passing=passing)
    skip = offset if status == 200 else 0
    if status == 206 and not answer.headers.get("content-range", "").startswith(f"bytes {offset}-"):
        raise FetchRefused("wrong_range", answer.headers.get("content-range", "none")[:60], passing=True)
    for chunk in answer.iter_raw(_CHUNK):
        if skip >= len(chunk):
            skip -= len(chunk)
            continue
        yield chunk[skip:]
        skip = 0
