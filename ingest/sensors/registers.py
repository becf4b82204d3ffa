"""Numbers in Modbus registers: data type, word order, byte order. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import StrEnum


class DataType(StrEnum):
    """What registers hold."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"


class Order(StrEnum):
    """Which comes first: the most (big) or the least (little) significant part."""

    BIG = "big"
    LITTLE = "little"


_FORMAT = {
    DataType.INT16: "h",
    DataType.UINT16: "H",
    DataType.INT32: "i",
    DataType.UINT32: "I",
    DataType.INT64: "q",
    DataType.UINT64: "Q",
    DataType.FLOAT32: "f",
    DataType.FLOAT64: "d",
}


def words_of(data_type: DataType) -> int:
    """How many registers a number takes."""
    return struct.calcsize(f">{_FORMAT[data_type]}") // 2


def decode_registers(
    registers: Sequence[int], data_type: DataType, word_order: Order = Order.BIG, byte_order: Order = Order.BIG
) -> float:
    """The number in ``registers`` (0 to 65535 each, as they lie in the device); may be infinite or NaN.

    Raises ValueError for another number of registers, or what is no register.
    """
    if len(registers) != words_of(data_type):
        raise ValueError(f"{len(registers)} registers; {data_type} takes {words_of(data_type)}")
    if any(not 0 <= word <= 0xFFFF for word in registers):
        raise ValueError(f"{list(registers)[:4]} are no registers of 16 bits")
    words = list(registers) if word_order is Order.BIG else list(reversed(registers))
    ends = ">" if byte_order is Order.BIG else "<"
    raw = b"".join(struct.pack(f"{ends}H", word) for word in words)
    return float(struct.unpack(f">{_FORMAT[data_type]}", raw)[0])
