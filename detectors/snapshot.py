"""The bytes of a saved observer: magic, version, then compressed header (JSON) and arrays (uint8)."""

from __future__ import annotations

import json
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = 3
_MAGIC = b"KWOB"
_LIMIT = 64 * 1024 * 1024


class SnapshotInvalid(Exception):  # noqa: N818  (part of the agreed interface)
    """Bytes that are no snapshot of this camera, or of another version; start afresh and say so."""


def pack(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    """Header (JSON types) and uint8 arrays as bytes."""
    listed = [[name, list(array.shape)] for name, array in arrays.items()]
    text = json.dumps(header | {"arrays": listed}, separators=(",", ":")).encode()
    body = struct.pack("<I", len(text)) + text + b"".join(array.tobytes() for array in arrays.values())
    return _MAGIC + bytes([VERSION]) + zlib.compress(body, 1)


def unpack(data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The opposite of :func:`pack`. Raises SnapshotInvalid."""
    if data[:4] != _MAGIC:
        raise SnapshotInvalid("not a snapshot of an observer")
    if data[4:5] != bytes([VERSION]):
        raise SnapshotInvalid(f"snapshot version {data[4:5].hex()}; this program reads {VERSION}")
    try:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(data[5:], _LIMIT)
        if not unpacker.eof:
            raise ValueError("cut short, or larger than any camera's state")
        (length,) = struct.unpack_from("<I", body)
        header = json.loads(body[4 : 4 + length])
        return header, _arrays(header.pop("arrays"), body[4 + length :])
    except (zlib.error, struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotInvalid(f"damaged snapshot: {error}") from error


def _arrays(listed: list[Any], raw: bytes) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    start = 0
    for name, shape in listed:
        size = int(np.prod(shape, dtype=np.int64))
        arrays[str(name)] = np.frombuffer(raw, np.uint8, size, start).reshape(shape)
        start += size
    if start != len(raw):
        raise ValueError(f"{len(raw)} bytes of arrays, {start} expected")
    return arrays
