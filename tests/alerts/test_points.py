"""Points: valid line protocol, deterministic, one per event."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from alerts.points import line, points_of_event
from ingest.messages import Reading
from tests.alerts.reports import START, Node, Problem

ONE_LINE = re.compile(
    r"(?:[^,= \n\\]|\\.)+(?:,(?:[^,= \n\\]|\\.)+=(?:[^,= \n\\]|\\.)+)*"
    r" (?:[^,= \n\\]|\\.)+=-?[0-9.e+-]+i?(?:,(?:[^,= \n\\]|\\.)+=-?[0-9.e+-]+i?)* -?[0-9]+"
)
names = st.text(st.characters(codec="ascii", exclude_characters="\\\0"), min_size=1, max_size=10)
numbers = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(names, names, max_size=3), st.dictionaries(names, numbers, min_size=1, max_size=3))
def test_whatever_the_names_a_point_is_one_valid_line(
    tags: dict[str, str], fields: dict[str, int | float]
) -> None:
    assert ONE_LINE.fullmatch(line("m", tags, fields, START, "x")) is not None


def test_tags_are_sorted_and_integers_marked() -> None:
    text = line("m", {"b": "2", "a": "x y", "c": ""}, {"n": 3, "f": 0.5}, START, "x")
    assert re.fullmatch(r"m,a=x\\ y,b=2 f=0\.5,n=3i 1769846400000\d{6}", text)


def test_two_events_of_one_instant_do_not_overwrite_each_other() -> None:
    node = Node()
    lines = [points_of_event(Problem(node, name).opened())[0] for name in ("one", "two")]
    assert len({text.rsplit(" ", 1)[1] for text in lines}) == 2
    assert len({text.rsplit(" ", 1)[0] for text in lines}) == 1


def test_a_reading_is_a_field_named_by_sensor_and_quantity() -> None:
    node = Node()
    reading = Reading(sensor="gauge-1", quantity="water_level", unit="m", value=0.31, at=START)
    (text,) = points_of_event(node.event(reading, START))
    assert text.startswith("kerbwatch_reading,node=junction-17,site=xuhui gauge-1_water_level=0.31 17698464000")
    assert points_of_event(Problem(node, "one").updated(50)) == []
