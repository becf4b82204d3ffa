"""A truth becomes a configuration that a node takes, and no two runs lie near each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import NodeConfig
from ingest.config import parse_config
from scenarios.running.full_path import CELL_DEG, moved_deg
from scenarios.running.node_file import cameras_by_node, node_toml
from scenarios.truth import Truth

ZONE = {
    "name": "kerb",
    "purpose": "no_stopping",
    "polygon": [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]],
    "rules": [
        {"category": "parked_vehicle", "dwell_s": 120.0, "max_bridge_s": 43200.0, "clear_s": 20.0},
        {"category": "garbage", "dwell_s": 60.0, "min_score": 0.4},
    ],
}
BAY = {"name": "bay", "purpose": "parking_bay", "polygon": [[0.0, 0.0], [0.2, 0.0], [0.2, 0.2]]}
PERMIT = {"category": "garbage", "from": "18:00", "to": "22:00"}


def camera(name: str, node: str, **fields: Any) -> dict[str, Any]:
    zones = [{"zone": ZONE, "permits": [PERMIT]}, {"zone": BAY}]
    return {"name": name, "node": node, "width": 640, "height": 360, "fps": 10, "zones": zones, **fields}


def truth(*cameras: dict[str, Any]) -> Truth:
    return Truth.model_validate(
        {
            "scenario": "made",
            "seed": 1,
            "tier": "composed",
            "starts_at": "2026-03-02T02:00:00.250Z",
            "duration_s": 600,
            "look_interval_s": 2.5,
            "cameras": cameras,
            "problems": [],
        }
    )


def points(longitude: float) -> list[tuple[float, float, float, float]]:
    return [
        (0.1, 0.9, 31.2, longitude),
        (0.9, 0.9, 31.2, longitude + 0.0002),
        (0.8, 0.4, 31.2004, longitude + 0.0002),
        (0.2, 0.4, 31.2004, longitude),
    ]


def read(made: Truth, node: str, folder: Path, moved: float = 0.0) -> NodeConfig:
    text = node_toml(
        made,
        node,
        folder,
        site="run-1",
        broker_port=1883,
        model="kerbwatch-nano",
        moved_deg=moved,
    )
    return parse_config(text, NodeConfig, source="node.toml", base_dir=folder)


def test_a_node_takes_the_file_and_is_told_all_that_the_truth_says(tmp_path: Path) -> None:
    for name in ("east", "west"):
        (tmp_path / f"{name}.mp4").touch()
    made = truth(
        camera("west", "node-1", video="west.mp4", static_objects=True),
        camera("east", "node-1", video="east.mp4", ground_points=points(121.4)),
    )
    config = read(made, "node-1", tmp_path, moved=-10.0)
    east, west = config.cameras
    assert (config.node.site, config.node.name, config.node.data_dir) == ("run-1", "node-1", tmp_path / "data")
    assert (east.start_at, east.clock, east.pace, east.look_interval_s) == (made.starts_at, "media", "fast", 2.5)
    assert east.address.target == str(tmp_path / "east.mp4")
    told = [zone.told for zone in made.cameras[1].zones]
    assert [zone.model_dump() for zone in east.zones] == [zone.model_dump() for zone in told]
    assert (east.static_objects, west.static_objects) == (False, True)
    assert east.ground_points[0] == (0.1, 0.9, 31.2, pytest.approx(111.4))
    assert west.ground_points == ()


def test_each_node_gets_its_cameras_and_one_that_watches_nothing_is_left_out() -> None:
    made = truth(
        camera("c", "n2", video="c.mp4"),
        camera("b", "n1", video="b.mp4"),
        camera("a", "n1", video="a.mp4"),
        camera("idle", "n3", video="idle.mp4", zones=[]),
    )
    assert {node: [one.name for one in found] for node, found in cameras_by_node(made).items()} == {
        "n1": ["a", "b"],
        "n2": ["c"],
    }


def test_a_camera_without_a_video_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scenario 'made', camera 'north': no video"):
        read(truth(camera("north", "n1")), "n1", tmp_path)


@given(cells=st.tuples(*[st.integers(0, 6799)] * 2), longitude=st.floats(-179.9, 179.9))
def test_runs_are_moved_far_apart_and_stay_on_the_globe(cells: tuple[int, int], longitude: float) -> None:
    made = truth(camera("north", "n1", ground_points=points(longitude)))
    first, second = (longitude + moved_deg(made, cell) for cell in cells)
    assert -171 <= first <= 171
    assert abs(first - second) == pytest.approx(abs(cells[0] - cells[1]) * CELL_DEG, abs=1e-6)
