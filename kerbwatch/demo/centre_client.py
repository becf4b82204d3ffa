"""What the demo asks the centre: the same REST API anybody may use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from ingest.taxonomy import Category
from kerbwatch.demo.verdict import FoundCase

TIMEOUT_S = 5.0


class CentreSilentError(Exception):
    """The centre did not answer."""


@dataclass(frozen=True)
class LiveCase:
    """A case as the progress view shows it."""

    found: FoundCase
    state: str
    since: datetime
    why: str


@dataclass(frozen=True)
class LiveNode:
    """A node as the progress view shows it."""

    name: str
    state: str
    looks: int
    camera_state: str
    last_look: str
    waiting: int


class CentreClient:
    """Reads cases and nodes of the centre at ``url``."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False)

    def healthy(self) -> bool:
        """Whether the centre answers and finds itself well."""
        try:
            return self._client.get("/healthz").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def cases(self) -> list[LiveCase]:
        """All cases, whatever their state. Raises CentreSilentError."""
        return [_case(raw) for raw in self._get("/api/v1/cases", limit=500)["cases"]]

    def nodes(self) -> list[LiveNode]:
        """All nodes that ever said a word. Raises CentreSilentError."""
        return [_node(raw) for raw in self._get("/api/v1/nodes")["nodes"]]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        try:
            response = self._client.get(path, params=params)
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise CentreSilentError(f"{path}: {error}") from error
        body = response.json()
        assert isinstance(body, dict)
        return body


def _case(raw: dict[str, Any]) -> LiveCase:
    x1, y1, x2, y2 = raw["box"]
    found = FoundCase(str(raw["number"]), raw["node"], raw["camera"], Category(raw["category"]), (x1, y1, x2, y2))
    return LiveCase(found, raw["state"], datetime.fromisoformat(raw["since"]), raw["why"])


def _node(raw: dict[str, Any]) -> LiveNode:
    status = raw["status"]
    cameras = status.get("cameras") or [{}]
    return LiveNode(
        name=raw["node"],
        state=raw["state"],
        looks=sum(camera.get("looks", 0) for camera in cameras),
        camera_state=", ".join(str(camera.get("state", "?")) for camera in cameras),
        last_look=str(cameras[0].get("last_look") or "-"),
        waiting=status.get("spool_depth", 0),
    )
