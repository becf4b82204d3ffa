"""The ring of raw readings: never larger than it may be, never lost without a count, never in anybody's way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sensors.raw import RawReading, RawRing, read_raw
from kerbwatch.commands.sensors import sensors as sensors_command
from tests.edge.doubles import START


def readings(numbers: range) -> list[RawReading]:
    return [RawReading(START + timedelta(seconds=n), float(n), float(n)) for n in numbers]


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[RawRing]:
    made = RawRing(tmp_path / "raw.db")
    yield made
    made.close()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.lists(st.integers(1, 30), max_size=3)), min_size=1, max_size=5))
def test_it_holds_the_newest_and_no_more_also_when_it_is_made_larger_or_smaller(
    tmp_path_factory: pytest.TempPathFactory, runs: list[tuple[int, list[int]]]
) -> None:
    path = tmp_path_factory.mktemp("ring") / "raw.db"
    written = held = 0
    for most, portions in runs:
        ring = RawRing(path)
        for count in portions:
            ring.keep("a", readings(range(written, written + count)), most)
            written, held = written + count, min(most, held + count)
            found = [one.given for one in read_raw(path, "a")]
            assert found == [float(n) for n in range(written - held, written)]
        ring.close()


def test_sensors_do_not_mix_and_times_choose(ring: RawRing, tmp_path: Path) -> None:
    ring.keep("a", readings(range(10)), 100)
    ring.keep("b", readings(range(5)), 100)
    chosen = read_raw(
        tmp_path / "raw.db", "a", since=START + timedelta(seconds=3), until=START + timedelta(seconds=6)
    )
    assert [one.given for one in chosen] == [3.0, 4.0, 5.0]


def test_nothing_is_kept_where_nothing_is_asked_for(ring: RawRing, tmp_path: Path) -> None:
    ring.keep("a", readings(range(10)), 0)
    with pytest.raises(FileNotFoundError):
        list(read_raw(tmp_path / "raw.db", "a"))


def test_a_file_that_is_damaged_is_begun_anew_and_what_was_lost_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "raw.db"
    path.write_bytes(b"this is no database, by no means one" * 200)
    ring = RawRing(path)
    ring.keep("a", readings(range(3)), 10)
    ring.keep("a", readings(range(3, 6)), 10)
    assert (ring.counters["raw_lost"], ring.counters["raw_begun_anew"], ring.counters["raw_kept"]) == (3, 1, 3)
    ring.close()


def test_a_folder_that_is_gone_costs_only_the_raw_readings(tmp_path: Path) -> None:
    ring = RawRing(tmp_path / "nowhere" / "raw.db")
    ring.keep("a", readings(range(3)), 10)
    assert ring.counters == {"raw_lost": 3}


def test_the_command_prints_what_was_kept(tmp_path: Path) -> None:
    (tmp_path / "noise.csv").write_text("time,value\n")
    config = tmp_path / "node.toml"
    config.write_text(
        '[node]\nsite = "xuhui"\nname = "j17"\ndata_dir = "data"\n[[sensor]]\nname = "noise-1"\nquantity = "noise"\n'
        'csv = { file = "noise.csv", start_at = 2026-01-31T08:00:00Z }\n'
    )
    (tmp_path / "data").mkdir()
    ring = RawRing(tmp_path / "data" / "raw-readings.db")
    kept = [*readings(range(2)), RawReading(START + timedelta(seconds=2), 999.0, None, "out_of_range")]
    ring.keep("noise-1", kept, 10)
    ring.close()
    arguments = ["raw", "noise-1", "--config", str(config), "--since", "2026-01-31T08:00:01Z"]
    result = CliRunner().invoke(sensors_command, arguments)
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "time,given,value,note",
        "2026-01-31T08:00:01.000Z,1.0,1.0,",
        "2026-01-31T08:00:02.000Z,999.0,,out_of_range",
    ]
    unknown = CliRunner().invoke(sensors_command, ["raw", "noise-2", "--config", str(config)])
    assert unknown.exit_code != 0
    assert "noise-1" in unknown.output
