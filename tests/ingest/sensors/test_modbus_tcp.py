"""A real Modbus TCP server: numbers in its registers, its refusals, its silence and its end."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType as Cells
from pymodbus.simulator import SimData, SimDevice

from ingest.clock import ManualClock
from ingest.sensors.modbus_tcp import ModbusDevice
from ingest.sensors.polled import Polled
from ingest.sensors.settings import ModbusSource
from ingest.sensors.source import Failure, NoSample, Sample
from tests.servers import free_port, listening
from tests.waiting import wait_for

CLOCK = ManualClock(datetime(2026, 1, 31, 8, tzinfo=UTC))
FLOAT = list(struct.unpack(">2H", struct.pack(">f", 61.25)))
WORDS = [123, 0xFFFF, *FLOAT, *reversed(FLOAT), 0x7FC0, 0]


@contextmanager
def modbus_server(port: int) -> Iterator[None]:
    """A device with unit id 1 and :data:`WORDS` from address 0 on, in a thread of its own."""
    loop = asyncio.new_event_loop()
    servers: list[ModbusTcpServer] = []

    async def serve() -> None:
        device = SimDevice(1, SimData(0, values=WORDS, datatype=Cells.REGISTERS))
        server = ModbusTcpServer(device, address=("127.0.0.1", port))
        servers.append(server)
        await server.serve_forever(background=True)

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        loop.run_until_complete(servers[0].shutdown())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        wait_for(lambda: listening(port), what="the Modbus server listening")
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def ask(port: int, **settings: Any) -> Sample | NoSample:
    source = ModbusSource.model_validate({"host": "127.0.0.1", "port": port, "timeout_s": 2.0, **settings})
    with closing(ModbusDevice(source, clock=CLOCK)) as device:
        return device.ask()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    chosen = free_port()
    with modbus_server(chosen):
        yield chosen


@pytest.mark.parametrize(
    ("settings", "number"),
    [
        ({"address": 0, "scale": 0.1, "offset": -2.3}, 10.0),
        ({"address": 0, "register": "input"}, 123.0),
        ({"address": 1, "data_type": "int16"}, -1.0),
        ({"address": 2, "data_type": "float32"}, 61.25),
        ({"address": 4, "data_type": "float32", "word_order": "little"}, 61.25),
    ],
)
def test_registers_become_numbers(port: int, settings: dict[str, Any], number: float) -> None:
    answer = ask(port, **settings)
    assert isinstance(answer, Sample), answer
    assert answer.number == pytest.approx(number)


def test_what_the_device_refuses_is_told(port: int) -> None:
    answer = ask(port, address=60_000)
    assert isinstance(answer, NoSample)
    assert answer.failure is Failure.REFUSED
    assert "exception" in answer.detail


def test_a_register_that_holds_no_number_is_left_to_the_gauge(port: int) -> None:
    answer = ask(port, address=6, data_type="float32")
    assert isinstance(answer, Sample)
    assert answer.number != answer.number


def test_nobody_there_is_unreachable() -> None:
    answer = ask(free_port(), address=0)
    assert isinstance(answer, NoSample)
    assert answer.failure is Failure.UNREACHABLE


def test_a_device_that_says_nothing_times_out_and_is_asked_over_a_new_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        answer = ask(mute.getsockname()[1], address=0, timeout_s=0.2)
    assert isinstance(answer, NoSample)
    assert answer.failure is Failure.TIMED_OUT


def test_it_reads_again_after_the_device_was_away() -> None:
    port, clock = free_port(), ManualClock(datetime(2026, 1, 31, 8, tzinfo=UTC))
    source = ModbusSource.model_validate({"host": "127.0.0.1", "port": port, "address": 0})
    polled = Polled(ModbusDevice(source, clock=clock), 1.0, clock=clock, rng=Random(1), wait=clock.advance)
    with closing(polled):
        with modbus_server(port):
            assert isinstance(polled.read(5.0), Sample)
        assert isinstance(polled.read(5.0), NoSample)
        with modbus_server(port):
            wait_for(lambda: isinstance(polled.read(5.0), Sample), what="a reading again")
