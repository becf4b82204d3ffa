"""Zone geometry decides what becomes evidence: it is exact."""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.config import ConfigError, ConfigModel, parse_config
from ingest.taxonomy import Category
from ingest.zones import Point, Polygon, Rule, Zone, contains, is_simple, signed_area

SQUARE: Polygon = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
NOTCHED: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.4), (0.0, 1.0))
coordinate = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    ("category", "bridge_s"),
    [
        (Category.PARKED_VEHICLE, 43200),
        (Category.PARKED_TWO_WHEELER, 43200),
        (Category.STREET_VENDOR, 600),
        (Category.GARBAGE, 7200),
        (Category.STATIC_OBJECT, 7200),
    ],
)
def test_each_category_bridges_for_its_own_time_unless_the_rule_says_otherwise(
    category: Category, bridge_s: float
) -> None:
    assert Rule(category=category, dwell_s=20).max_bridge_s == bridge_s
    assert Rule(category=category, dwell_s=20, max_bridge_s=5).max_bridge_s == 5


def test_a_rule_against_nothing_known_is_refused_for_that_alone() -> None:
    with pytest.raises(ValidationError, match="category") as refused:
        Rule.model_validate({"category": "ghosts", "dwell_s": 20})
    assert {error["loc"][0] for error in refused.value.errors()} <= {"category", "max_bridge_s"}


@pytest.mark.parametrize(
    ("polygon", "point", "inside"),
    [
        (SQUARE, (0.5, 0.5), True),
        (SQUARE, (0.2, 0.5), True),
        (SQUARE, (0.8, 0.8), True),
        (SQUARE, (0.81, 0.5), False),
        (SQUARE, (0.5, 0.1999), False),
        (NOTCHED, (0.5, 0.39), True),
        (NOTCHED, (0.5, 0.41), False),
        (NOTCHED, (0.1, 0.8), True),
    ],
)
def test_known_points(polygon: Polygon, point: Point, inside: bool) -> None:
    assert contains(polygon, point) is inside


@given(st.lists(st.floats(0, 2 * pi), min_size=3, max_size=12, unique=True), coordinate, coordinate, st.data())
def test_rotating_or_reversing_the_point_list_changes_nothing(
    angles: list[float], x: float, y: float, data: st.DataObject
) -> None:
    polygon = tuple((0.5 + 0.4 * cos(a), 0.5 + 0.4 * sin(a)) for a in sorted(angles))
    turn = data.draw(st.integers(0, len(polygon) - 1))
    expected = contains(polygon, (x, y))
    assert contains(polygon[turn:] + polygon[:turn], (x, y)) == expected
    assert contains(tuple(reversed(polygon)), (x, y)) == expected


@given(coordinate, coordinate, st.floats(0.1, 10), st.floats(-5, 5))
def test_scaling_and_moving_the_world_changes_nothing(x: float, y: float, scale: float, shift: float) -> None:
    assume(all(abs(value - edge) > 1e-6 for value in (x, y) for edge in (0.2, 0.8)))
    moved = tuple((px * scale + shift, py * scale + shift) for px, py in SQUARE)
    assert contains(moved, (x * scale + shift, y * scale + shift)) == contains(SQUARE, (x, y))


def test_area_and_simplicity() -> None:
    assert abs(signed_area(SQUARE)) == pytest.approx(0.36)
    assert is_simple(SQUARE)
    assert is_simple(NOTCHED)
    assert not is_simple(((0, 0), (1, 1), (1, 0), (0, 1)))


class Holder(ConfigModel):
    zone: Zone


def zone_toml(**changes: Any) -> str:
    fields = {"name": '"kerb"', "purpose": '"no_stopping"', "polygon": "[[0,0],[1,0],[1,1]]", **changes}
    return "[zone]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items())


@pytest.mark.parametrize(
    ("changes", "field", "fix"),
    [
        ({"polygon": "[[0,0],[1.2,0],[1,1]]"}, "zone.polygon", "outside the frame"),
        ({"polygon": "[[0,0],[1,0]]"}, "zone.polygon", "at least 3"),
        ({"polygon": "[[0,0],[0.5,0.5],[1,1]]"}, "zone.polygon", "no area"),
        ({"polygon": "[[0,0],[1,1],[1,0],[0,0.5]]"}, "zone.polygon", "crosses itself"),
        ({"purpose": '"dancing"'}, "zone.purpose", "no_stopping"),
        ({"name": '"Kerb Side"'}, "zone.name", "pattern"),
        ({"colour": '"red"'}, "zone.colour", "unknown key"),
        ({"rules": '[{category="garbage", dwell_s=-3}]'}, "zone.rules[0].dwell_s", "greater than 0"),
        ({"rules": '[{category="garbage"}]'}, "zone.rules[0].dwell_s", "missing"),
        (
            {"rules": '[{category="garbage", dwell_s=3}, {category="garbage", dwell_s=4}]'},
            "zone",
            "two rules for one category",
        ),
    ],
)
def test_a_wrong_zone_is_refused_with_field_value_and_fix(changes: dict[str, str], field: str, fix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(zone_toml(**changes), Holder, source="node.toml", base_dir=Path())
    problem = caught.value.problems[0]
    assert problem.field == field
    assert fix in problem.fix
    assert problem.value
    assert "node.toml" in str(caught.value)


@pytest.mark.parametrize("text", ["zone = [", "\x00", "a = 1\na = 2", "a = " + "9" * 5000])
def test_text_that_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not valid TOML"):
        parse_config(text, Holder, source="node.toml", base_dir=Path())
