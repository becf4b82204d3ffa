"""The TOML writer against the standard library's reader."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerbwatch.camera_setup.toml import Table, write_toml

SCALARS = (
    st.text()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.datetimes(timezones=st.just(UTC))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_whatever_is_written_reads_back_equal(document: Table) -> None:
    assert tomllib.loads(write_toml(document)) == document


def test_tables_nest_as_the_node_file_wants_them() -> None:
    document: Table = {"camera": [{"name": "north", "zone": [{"name": "a", "rule": [{"dwell_s": 20.0}]}]}]}
    assert write_toml(document) == (
        '[[camera]]\nname = "north"\n\n[[camera.zone]]\nname = "a"\n\n[[camera.zone.rule]]\ndwell_s = 20.0\n'
    )


def test_quotes_and_newlines_cannot_break_out_of_a_string() -> None:
    hostile = 'a"\n[mqtt]\nhost = "evil'
    assert tomllib.loads(write_toml({"source": hostile})) == {"source": hostile}


def test_other_zones_become_utc() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert write_toml({"at": datetime(2026, 1, 31, 8, tzinfo=shanghai)}) == "at = 2026-01-31T00:00:00Z\n"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        write_toml({"at": datetime(2026, 1, 31)})  # noqa: DTZ001  # the very thing refused
