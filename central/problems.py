"""Errors as JSON problems (RFC 9457) with a machine-readable ``code``."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """A response that says what went wrong."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "code": code, "detail": detail, **more}
    return Response(json.dumps(body), status, headers, MEDIA_TYPE)
