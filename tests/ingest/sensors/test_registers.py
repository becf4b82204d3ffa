"""Registers hold what a device meant, whatever the order of its words and bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sensors.registers import DataType, Order, decode_registers, words_of

FORMATS = {"int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "float32": "f", "float64": "d"}


@given(
    st.sampled_from(sorted(FORMATS)),
    st.sampled_from(Order),
    st.sampled_from(Order),
    st.integers(0, 30_000),
)
def test_what_was_written_is_read(name: str, word_order: Order, byte_order: Order, number: int) -> None:
    raw = struct.pack(f">{FORMATS[name]}", number)
    ends = ">" if byte_order is Order.BIG else "<"
    words = [struct.unpack(f"{ends}H", raw[i : i + 2])[0] for i in range(0, len(raw), 2)]
    registers = words if word_order is Order.BIG else words[::-1]
    assert decode_registers(registers, DataType(name), word_order, byte_order) == number


def test_negative_numbers() -> None:
    assert decode_registers([0xFFFF], DataType.INT16) == -1
    assert decode_registers([0xFFFF, 0xFFFE], DataType.INT32) == -2


@given(st.sampled_from(DataType), st.lists(st.integers(-1, 70_000), max_size=5))
def test_registers_that_are_none_are_a_value_error_and_nothing_else(kind: DataType, registers: list[int]) -> None:
    right = len(registers) == words_of(kind) and all(0 <= word <= 0xFFFF for word in registers)
    if right:
        decode_registers(registers, kind)
    else:
        with pytest.raises(ValueError):
            decode_registers(registers, kind)
