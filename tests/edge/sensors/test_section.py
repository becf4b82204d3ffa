"""``[[sensor]]`` is refused with what is wrong and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config import NodeConfig, load_node_config
from ingest.config import ConfigError, parse_config
from ingest.sensors.quantities import DEFINITIONS, Quantity
from tests.edge.doubles import folder_camera, node_config

MQTT = 'mqtt = { topic = "x" }\n'


def sensor(text: str, *, name: str = "noise-1", quantity: str = "noise") -> str:
    return f'[[sensor]]\nname = "{name}"\nquantity = "{quantity}"\n{text}'


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        node_config(folder, text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (sensor(""), "give one of"),
        (sensor(MQTT + 'http = { url = "http://127.0.0.1/" }\n'), "mqtt and http"),
        (sensor(MQTT, quantity="smell"), "sensor[0].quantity"),
        (sensor(MQTT + 'unit = "lux"\n'), "unit 'lux' is none of noise's"),
        (sensor(MQTT + "valid = [90, 20]\n"), "is empty"),
        (sensor(MQTT + 'rule = [{ name = "r" }]\n'), "above or below"),
        (sensor(MQTT + 'rule = [{ name = "r", above = 1, below = 2 }]\n'), "above or below"),
        (sensor(MQTT + 'rule = [{ name = "r", above = nan }]\n'), "finite"),
        (sensor(MQTT + 'rule = [{ name = "missing-data", above = 50 }]\n'), "belongs to [sensor.missing]"),
        (sensor(MQTT + 'rule = [{ name = "r", above = 50 }, { name = "r", above = 60 }]\n'), "rename one"),
        (sensor(MQTT + 'rule = [{ name = "r", above = 85 }]\n', quantity="bin_fill"), "limits are in that unit"),
        (sensor(MQTT, quantity="lamp_ratio"), "belong together"),
        (sensor(MQTT + "lit = {}\n"), "belong together"),
        (sensor(MQTT + 'lit = { unit = "dB" }\n', quantity="lamp_ratio"), "none of lamp_lit's"),
        (sensor(MQTT + "every_s = 600\nmissing = { after_s = 60 }\n"), "shorter than every_s"),
        (sensor(MQTT + 'camera = "south"\n'), "camera 'south' is none of"),
        (sensor('http = { url = "http://192.168.7.9/x" }\n'), "add it to sensor_hosts"),
        (sensor('modbus = { host = "10.0.0.1", address = 0 }\n'), "add it to sensor_hosts"),
        (sensor('modbus = { host = "127.0.0.1", address = 0, scale = 0 }\n'), "a scale of 0"),
        (sensor('mqtt = { topic = "x", value = "a.b" }\n'), "JSON pointer"),
        (sensor('mqtt = { topic = "x", broker = { host = "10.1.1.1" } }\n'), "add it to sensor_hosts"),
        (sensor('csv = { file = "gone.csv" }\n'), "no such file"),
        (sensor(MQTT) + sensor(MQTT), "two cameras or sensors are named 'noise-1'"),
        ("", "add a [[camera]] or a [[sensor]]"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, text: str, why: str) -> None:
    assert why in refused(tmp_path, text)


def test_a_camera_and_a_sensor_never_share_a_name(tmp_path: Path) -> None:
    camera = folder_camera(tmp_path, name="north")
    assert "two cameras or sensors" in refused(tmp_path, camera + sensor(MQTT, name="north"))


def test_hosts_that_are_allowed_may_be_asked(tmp_path: Path) -> None:
    text = sensor('http = { url = "http://192.168.7.9/x" }\n')
    config = node_config(tmp_path, text, extra='sensor_hosts = ["192.168.7.0/24"]\n')
    assert config.sensor[0].host == "192.168.7.9"


def test_a_zone_has_no_rule_against_sensors(tmp_path: Path) -> None:
    camera = folder_camera(tmp_path).replace("parked_vehicle", "sensor_alarm")
    assert "write a [[sensor.rule]]" in refused(tmp_path, camera)


def test_the_example_and_the_documentation_can_be_taken(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    example = (root / "deploy" / "node.example.toml").read_text(encoding="utf-8").splitlines()
    begin = next(n for n, line in enumerate(example) if line.startswith("# A sensor:"))
    end = next(n for n, line in enumerate(example) if line.startswith("# A recording:"))
    written = "\n".join(line.removeprefix("# ").removeprefix("#") for line in example[begin + 1 : end])
    documented = (root / "docs" / "integrators.md").read_text(encoding="utf-8")
    block = documented.split("```toml\n[[sensor]] ")[1].split("```")[0]
    config = node_config(tmp_path, folder_camera(tmp_path) + written + "\n[[sensor]] " + block)
    assert [one.name for one in config.sensor] == ["noise-east", "underpass", "lamps-7"]
    for quantity, definition in DEFINITIONS.items():
        assert f"`{quantity}`" in documented, quantity
        assert f"`{definition.unit}`" in documented, quantity


def test_every_quantity_makes_a_sensor(tmp_path: Path) -> None:
    sensors = [sensor(MQTT, name=str(q), quantity=q) for q in Quantity if q is not Quantity.LAMP_RATIO]
    assert len(node_config(tmp_path, "".join(sensors)).sensor) == len(Quantity) - 1


def test_a_file_of_sensors_alone_is_a_node(tmp_path: Path) -> None:
    file = tmp_path / "node.toml"
    file.write_text(f'[node]\nsite = "s"\nname = "n"\ndata_dir = "d"\n{sensor(MQTT)}')
    assert isinstance(load_node_config(file), NodeConfig)
    with pytest.raises(ConfigError, match="unknown key"):
        parse_config(file.read_text() + "typo = 1\n", NodeConfig, source="x", base_dir=tmp_path)
