"""Finds ONNX tensors whose numbers lie in another file: such a graph could read any file of the machine.

ONNX is protobuf. This walks only the messages that can hold a tensor and skips all else, so that a node needs no
`onnx` package. Field numbers: onnx.proto (IR version 3 and later).
"""

from __future__ import annotations

from collections.abc import Iterator

from models.errors import ModelRefused

_MODEL, _GRAPH, _NODE, _ATTRIBUTE, _TENSOR, _SPARSE, _FUNCTION, _TRAINING = range(8)
_INSIDE: dict[int, dict[int, int]] = {
    _MODEL: {7: _GRAPH, 20: _TRAINING, 25: _FUNCTION},
    _GRAPH: {1: _NODE, 5: _TENSOR, 15: _SPARSE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _FUNCTION: {7: _NODE, 11: _ATTRIBUTE},
    _TRAINING: {1: _GRAPH, 2: _GRAPH},
}
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_MAX_DEPTH = 64
_VARINT, _FIXED64, _BYTES, _GROUP_START, _GROUP_END, _FIXED32 = range(6)
_SKIPPED = {_FIXED64: 8, _FIXED32: 4, _GROUP_START: 0, _GROUP_END: 0}


class _NoProtobufError(Exception):
    """From here on no reader of protobuf makes sense of the bytes."""


def refuse_external_data(graph: bytes, origin: str) -> None:
    """Raises ModelRefused where the ONNX file points to other files.

    What is no protobuf at all passes: the engine says so better, and reads nothing else either.
    """
    try:
        found = _points_outside(memoryview(graph), _MODEL, 0)
    except _NoProtobufError:
        return
    if found:
        raise ModelRefused(
            f"{origin}: keeps tensors in another file (external data), which is never read; "
            "save the model as one file: onnx.save(onnx.load(...), ...)"
        )


def _points_outside(message: memoryview, kind: int, depth: int) -> bool:
    if depth > _MAX_DEPTH:
        return True  # no exporter nests graphs so deep; what lies below is not looked at
    inside = _INSIDE.get(kind, {})
    for field, value in _fields(message):
        if kind == _TENSOR and (field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value != 0)):
            return True
        if field in inside and isinstance(value, memoryview) and _points_outside(value, inside[field], depth + 1):
            return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field number and value, in order. The fields of a group count as those of the message around it."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        value: int | memoryview = 0
        if wire == _VARINT:
            value, at = _varint(message, at)
        elif wire == _BYTES:
            length, at = _varint(message, at)
            value, at = message[at : at + length], at + length
        elif wire in _SKIPPED:
            at += _SKIPPED[wire]
        else:
            raise _NoProtobufError
        if at > len(message):
            raise _NoProtobufError
        yield (key & 0xFFFFFFFF) >> 3, value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise _NoProtobufError
