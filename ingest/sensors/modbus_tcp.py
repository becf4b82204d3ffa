"""One number in the registers of a Modbus TCP device."""

from __future__ import annotations

from contextlib import suppress

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException

from ingest.clock import Clock
from ingest.sensors.registers import decode_registers, words_of
from ingest.sensors.settings import ModbusSource
from ingest.sensors.source import Failure, NoSample, Sample

_EXCEPTIONS = {
    1: "illegal function",
    2: "illegal address",
    3: "illegal value",
    4: "device failure",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target does not respond",
}


class ModbusDevice:
    """A device and the registers of one number."""

    def __init__(self, source: ModbusSource, *, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._client = ModbusTcpClient(source.host, port=source.port, timeout=source.timeout_s, retries=0)

    def ask(self) -> Sample | NoSample:
        """Reads the registers once, over the connection that stands or over a new one."""
        try:
            if not self._client.connect():  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
                return self._none(Failure.UNREACHABLE, "no connection")
            registers = self._registers()
        except ConnectionException as error:
            self.close()
            return self._none(Failure.UNREACHABLE, str(error))
        except (ModbusException, OSError) as error:
            # What comes late must not be taken for the answer to the next question.
            self.close()
            return self._none(Failure.TIMED_OUT, str(error))
        except (ValueError, IndexError, TypeError, KeyError) as error:
            self.close()
            return self._none(Failure.BAD_ANSWER, f"{type(error).__name__}: {error}")
        if isinstance(registers, str):
            return self._none(Failure.REFUSED, registers)
        return self._number(registers)

    def _registers(self) -> list[int] | str:
        """The registers, or what the device said instead."""
        source = self._source
        read = (
            self._client.read_holding_registers
            if source.register_kind == "holding"
            else self._client.read_input_registers
        )
        answer = read(source.address, count=words_of(source.data_type), device_id=source.unit_id)
        if answer.isError():
            return f"exception {answer.exception_code} ({_EXCEPTIONS.get(answer.exception_code, 'unknown')})"
        return [int(word) for word in answer.registers]

    def _number(self, registers: list[int]) -> Sample | NoSample:
        source = self._source
        try:
            raw = decode_registers(registers, source.data_type, source.word_order, source.byte_order)
        except ValueError as error:
            return self._none(Failure.BAD_ANSWER, str(error))
        return Sample(self._clock.now(), self._clock.monotonic(), raw * source.scale + source.offset)

    def _none(self, failure: Failure, detail: str) -> NoSample:
        return NoSample(self._clock.now(), self._clock.monotonic(), failure, detail)

    def close(self) -> None:
        """Hang up; the next question dials anew."""
        with suppress(OSError):
            self._client.close()  # type: ignore[no-untyped-call] # likewise
