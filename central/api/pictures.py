"""Evidence pictures over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response

from central.api.models import PictureStored, Problem
from central.pictures import MAX_PICTURE_BYTES, PictureRefusedError, PictureStore
from central.problems import problem
from ingest.sealed import MEDIA_TYPE

MAX_UPLOADS = 8
"""Uploads held in memory at once; the others wait in their sockets."""
UPLOAD_S = 60.0
"""A node that lost its power half-way must not keep its place among them for ever."""

Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="sha256 of the bytes, lower-case hexadecimal")]
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "was there already", "model": PictureStored},
    201: {"description": "stored", "model": PictureStored},
    400: {"description": "not this picture, no JPEG, or no sealed original", "model": Problem},
    408: {"description": f"not whole within {UPLOAD_S:.0f} s", "model": Problem},
    413: {"description": f"more than {MAX_PICTURE_BYTES} bytes", "model": Problem},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", MEDIA_TYPE)
        },
    }
}


def picture_routes(store: PictureStore) -> APIRouter:
    """``PUT`` and ``GET /api/v1/pictures/{sha256}``."""
    router = APIRouter(prefix="/api/v1/pictures", tags=["pictures"])
    uploads = asyncio.Semaphore(MAX_UPLOADS)

    @router.put("/{sha256}", responses=_ANSWERS, openapi_extra=_BODY, response_class=JSONResponse)
    async def put_picture(sha256: Digest, request: Request) -> Response:
        """Store a picture under its hash; putting it again changes nothing."""
        async with uploads:
            try:
                async with asyncio.timeout(UPLOAD_S):
                    data = await _body(request)
            except TimeoutError:
                return problem(
                    408, "too_slow", f"no whole picture within {UPLOAD_S:.0f} s", headers={"Connection": "close"}
                )
            if data is None:
                return problem(
                    413, "too_large", f"at most {MAX_PICTURE_BYTES} bytes", headers={"Connection": "close"}
                )
            try:
                fresh = await run_in_threadpool(store.put, sha256, data)
            except PictureRefusedError as error:
                return problem(400, error.code, str(error))
        return JSONResponse({"sha256": sha256, "stored": fresh}, 201 if fresh else 200)

    @router.get(
        "/{sha256}",
        response_class=FileResponse,
        responses={200: {"content": {"image/jpeg": {}, MEDIA_TYPE: {}}}, 404: {"model": Problem}},
    )
    def get_picture(sha256: Digest) -> Response:
        """The picture's bytes. They never change, so browsers may keep them. A sealed original is a download."""
        path = store.path(sha256)
        if not path.is_file():
            return problem(404, "not_found", "no such picture; it may still be on its way")
        if path.suffix == ".sealed":
            return FileResponse(
                path, media_type=MEDIA_TYPE, filename=path.name, headers={"Cache-Control": "no-store"}
            )
        return FileResponse(
            path, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=31536000, immutable"}
        )

    return router


async def _body(request: Request) -> bytes | None:
    """The body; None as soon as it is too long."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_PICTURE_BYTES:
            return None
    return bytes(data)
