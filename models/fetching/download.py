"""Downloads one file of known size and checksum, going on where an earlier try broke off (thin shell over httpx)."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import httpx

from models.fetching.faults import Fault, FetchFailed
from models.fetching.index import IndexFile
from models.fetching.rules import Patience, check_address, redirected, start_of_body

Progress = Callable[[int], None]
"""Told how many bytes of the file are there."""
_RESERVE_BYTES = 1 << 20
"""Left free on the disk, so that the node beside can still write."""

_UNREACHED = (httpx.TransportError, httpx.InvalidURL, ValueError, ImportError)
"""ValueError: a proxy variable is no address. ImportError: it names a SOCKS proxy, which needs a package."""


async def download(
    file: IndexFile,
    target: Path,
    patience: Patience,
    progress: Progress,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Bring `target` to the file's exact bytes; it may hold the beginning of them already.

    Proxies are those of the environment (HTTPS_PROXY, NO_PROXY). Raises FetchFailed; after a fault that may pass
    `target` stays, to be gone on with, after any other it is gone.
    """
    check_address(file.url)
    attempt = 0
    while True:
        attempt += 1
        try:
            await _attempt(file, target, patience, progress)
        except FetchFailed as error:
            if not error.passing:
                target.unlink(missing_ok=True)
                raise
            if attempt >= patience.attempts:
                raise
            await sleep(patience.pause(attempt, error.retry_after_s))
        else:
            return


async def read_small(url: str, limit: int, patience: Patience) -> bytes:
    """The bytes at an address, at most `limit` (for an index). Raises FetchFailed."""
    content = bytearray()
    async with _replying(check_address(url), {}, patience) as reply:
        if reply.status_code != 200:
            start_of_body(str(reply.url), reply.status_code, reply.headers, 0, 0)
        async for chunk in _body(reply, patience):
            content += chunk
            if len(content) > limit:
                raise FetchFailed(Fault.LENGTH, f"{url}: more than {limit} bytes; that is no index")
    return bytes(content)


async def _attempt(file: IndexFile, target: Path, patience: Patience, progress: Progress) -> None:
    had = _usable(target, file.bytes)
    _check_space(target.parent, file.bytes - had)
    if had < file.bytes:
        headers = {"Range": f"bytes={had}-"} if had else {}
        async with _replying(file.url, headers, patience) as reply:
            if reply.status_code == 416:  # the server's file is shorter than what is here
                raise FetchFailed(Fault.LENGTH, f"{file.url}: ends before byte {had}, the index says {file.bytes}")
            start = start_of_body(str(reply.url), reply.status_code, reply.headers, had, file.bytes)
            await _store(reply, file, target, start, patience, progress)
    _check_sum(file, target, passing=had > 0)


@asynccontextmanager
async def _replying(url: str, headers: dict[str, str], patience: Patience) -> AsyncIterator[httpx.Response]:
    """The reply at the end of all redirects, its body unread."""
    headers = {"Accept-Encoding": "identity", "User-Agent": "kerbwatch", **headers}
    try:
        async with httpx.AsyncClient(follow_redirects=False, timeout=patience.reply_s) as client:
            hops = 0
            while True:
                async with asyncio.timeout(patience.reply_s):
                    reply = await client.send(client.build_request("GET", url, headers=headers), stream=True)
                try:
                    onward = redirected(url, reply.status_code, reply.headers, hops)
                    if onward is None:
                        yield reply
                        return
                finally:
                    await reply.aclose()
                url, hops = onward, hops + 1
    except httpx.RemoteProtocolError as error:
        raise FetchFailed(
            Fault.TRUNCATED, f"{url}: the connection broke off ({error}); run it again to go on"
        ) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise FetchFailed(
            Fault.TOO_SLOW, f"{url}: no reply within {patience.reply_s:g} s; run it again"
        ) from error
    except _UNREACHED as error:
        raise FetchFailed(
            Fault.UNREACHABLE, f"{url}: {error}; check the connection and HTTPS_PROXY, or use a mirror (--index)"
        ) from error


async def _body(reply: httpx.Response, patience: Patience) -> AsyncIterator[bytes]:
    """The body as it comes. Raises FetchFailed(TOO_SLOW) when a window brings less than it must."""
    chunks = reply.aiter_raw()
    loop = asyncio.get_running_loop()
    received, until = 0, loop.time() + patience.window_s
    while True:
        try:
            async with asyncio.timeout_at(until):
                chunk = await anext(chunks, None)
        except TimeoutError:
            raise FetchFailed(
                Fault.TOO_SLOW, f"{reply.url}: {received} bytes in {patience.window_s:g} s; run it again to go on"
            ) from None
        if chunk is None:
            return
        yield chunk
        received += len(chunk)
        if received >= patience.window_bytes:
            received, until = 0, loop.time() + patience.window_s


async def _store(
    reply: httpx.Response, file: IndexFile, target: Path, start: int, patience: Patience, progress: Progress
) -> None:
    at = start
    with _opened(target, start) as out:
        progress(at)
        async for chunk in _body(reply, patience):
            at += len(chunk)
            if at > file.bytes:
                raise FetchFailed(Fault.LENGTH, f"{file.url}: sends more than the {file.bytes} bytes of the index")
            _write(out, target, chunk)
            progress(at)
    if at < file.bytes:
        raise FetchFailed(Fault.TRUNCATED, f"{file.url}: ended after {at} of {file.bytes} bytes; run it again")


def _opened(target: Path, start: int) -> BinaryIO:
    try:
        out = os.fdopen(os.open(target, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644), "r+b")
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            out.truncate(start)
            out.seek(start)
        except OSError:
            out.close()
            raise
    except BlockingIOError as error:
        raise FetchFailed(
            Fault.BUSY, f"{target}: another fetch is at it; wait for that one", passing=True
        ) from error
    except OSError as error:
        raise _disk_fault(target, error) from error
    return out


def _write(out: BinaryIO, target: Path, chunk: bytes) -> None:
    try:
        out.write(chunk)
        out.flush()
    except OSError as error:
        raise _disk_fault(target, error) from error


def _disk_fault(path: Path, error: OSError) -> FetchFailed:
    fix = (
        "free space or name another folder"
        if error.errno == errno.ENOSPC
        else "correct the folder or its permissions"
    )
    return FetchFailed(Fault.DISK, f"{path}: {error.strerror}; {fix}")


def _usable(target: Path, size: int) -> int:
    """How many bytes of an earlier try can be gone on with; a file of another kind or too long is done away with."""
    if not os.path.lexists(target):
        return 0
    if target.is_symlink() or not target.is_file() or target.stat().st_size > size:
        target.unlink()
        return 0
    return target.stat().st_size


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _RESERVE_BYTES:
        raise FetchFailed(Fault.DISK, f"{folder}: {free} bytes are free, {needed} needed; free space")


def _check_sum(file: IndexFile, target: Path, *, passing: bool) -> None:
    """`passing`: a part came from an earlier try, so the whole file fetched anew may be right."""
    with target.open("rb") as content:
        actual = hashlib.file_digest(content, "sha256").hexdigest()
    if actual != file.sha256:
        target.unlink()
        raise FetchFailed(
            Fault.CHECKSUM,
            f"{file.url}: sha256 is {actual}, the index says {file.sha256}; nothing was kept",
            passing=passing,
        )
