"""A wrong node file is refused with the field, the value and the fix named."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from edge.config import NodeConfig, load_node_config
from ingest.config import ConfigError, parse_config
from tests.edge.doubles import ZONE

HEAD = '[node]\nsite = "xuhui"\nname = "j17"\ndata_dir = "data"\n'
CAMERA = '[[camera]]\nname = "north"\nsource = "clip.mp4"\nstart_at = 2026-01-31T08:00:00Z\n'
LIVE = '[[camera]]\nname = "north"\nsource = "rtsp://10.0.0.7/main"\n'


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "clip.mp4").write_bytes(b"x")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "token").write_text("secret-token\n")
    (tmp_path / "empty").write_text("")
    return tmp_path


def parse(text: str, base: Path) -> NodeConfig:
    return parse_config(text, NodeConfig, source="node.toml", base_dir=base)


def test_the_example_file_is_right(base: Path) -> None:
    text = (Path(__file__).parents[2] / "deploy" / "node.example.toml").read_text()
    # The model has tests of its own; here the file must be right apart from whether weights are installed.
    config = parse(
        text.replace("[detector]", "").replace('model = "kerbwatch-nano"', "").replace("threads = 1", ""), base
    )
    assert [camera.name for camera in config.cameras] == ["north"]


def test_a_file_defaults_to_the_media_clock_and_a_live_source_to_the_wall_clock(base: Path) -> None:
    config = parse(HEAD + CAMERA + ZONE + LIVE.replace("north", "south") + ZONE, base)
    assert [camera.clock for camera in config.cameras] == ["media", "wall"]
    assert config.cameras[0].address.target == str(base / "clip.mp4")
    assert config.node.data_dir == base / "data"
    assert config.cameras[0].zones[0].rules[0].dwell_s == 20


def test_hours_collections_and_waits_are_read_as_they_are_written(base: Path) -> None:
    text = (
        HEAD
        + 'time_zone = "Europe/Berlin"\n'
        + CAMERA
        + ZONE
        + """
hours = [{ from = "22:00", to = "06:00", weekdays = [6, 7] }]
[[camera.zone.permit]]
category = "street_vendor"
from = 18:00:00
to = "02:00"
dates = [2026-05-01]
trade = "barbecue"
[[camera.zone]]
name = "bins"
purpose = "garbage_point"
polygon = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]
collection = { times = ["06:30", "19:00"], set_out_s = 7200, grace_s = 900 }
"""
    )
    config = parse(text, base)
    east, bins = config.cameras[0].zones
    assert str(config.time_zone) == "Europe/Berlin"
    assert (east.permits[0].from_civil, east.permits[0].to_civil) == (time(18), time(2))
    assert (east.permits[0].dates, east.permits[0].trade) == ((date(2026, 5, 1),), "barbecue")
    assert east.rules[0].hours[0].weekdays == (6, 7)
    assert bins.collection is not None
    assert bins.collection.times == (time(6, 30), time(19))


def edit(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new)


GOOD = HEAD + CAMERA + ZONE


def attention(line: str) -> str:
    return HEAD + CAMERA + f"[camera.attention]\n{line}\n" + ZONE


REFUSALS = {
    "unknown key": (HEAD + "colour = 1\n" + CAMERA + ZONE, "node.colour", "1", "unknown key"),
    "unknown section": (GOOD + "\n[weather]\nx = 1\n", "weather", "x", "unknown key"),
    "unknown zone key": (
        edit(GOOD, "dwell_s = 20", "dwel_s = 20"),
        "camera[0].zone[0].rule[0].dwel_s",
        "20",
        "unknown",
    ),
    "rules instead of rule": (
        edit(GOOD, "camera.zone.rule", "camera.zone.rules"),
        "camera[0].zone[0].rules",
        "",
        "unk",
    ),
    "missing node": (CAMERA + ZONE, "node", "(absent)", "missing"),
    "no camera and no sensor": (HEAD, "sensor", "()", "add a [[camera]] or a [[sensor]]"),
    "zone outside the frame": (
        edit(GOOD, "[0.9, 0.9]", "[1.9, 0.9]"),
        "camera[0].zone[0].polygon",
        "1.9",
        "outside",
    ),
    "unknown time zone": (
        edit(GOOD, 'data_dir = "data"', 'data_dir = "data"\ntime_zone = "Asia/Xanadu"'),
        "node.time_zone",
        "Asia/Xanadu",
        "IANA",
    ),
    "size without ground points": (
        edit(GOOD, "dwell_s = 20", "dwell_s = 20\nmin_size_m = 1.5"),
        "camera[0].zone",
        "east",
        "ground_points",
    ),
    "sizes that leave nothing": (
        edit(GOOD, "dwell_s = 20", "dwell_s = 20\nmin_size_m = 3\nmax_size_m = 2"),
        "camera[0].zone[0].rule[0]",
        "3",
        "swap them",
    ),
    "abandoned before its dwell": (
        edit(GOOD, "dwell_s = 20", "dwell_s = 20\nabandoned_after_s = 10"),
        "camera[0].zone[0].rule[0]",
        "10",
        "give weeks",
    ),
    "permit with an offset": (
        GOOD + '[[camera.zone.permit]]\ncategory = "street_vendor"\nfrom = "08:00+08:00"\nto = "10:00"\n',
        "camera[0].zone[0].permit[0].from",
        "8",
        "without an offset",
    ),
    "collection in a street": (
        edit(GOOD, 'purpose = "no_stopping"', 'purpose = "no_stopping"\ncollection = { times = ["06:00"] }'),
        "camera[0].zone[0]",
        "no_stopping",
        "garbage_point",
    ),
    "overflow in a street": (
        edit(GOOD, 'purpose = "no_stopping"', 'purpose = "no_stopping"\noverflow = { share = 0.5 }'),
        "camera[0].zone[0]",
        "no_stopping",
        "garbage_point",
    ),
    "overflow of more than all": (
        edit(GOOD, 'purpose = "no_stopping"', 'purpose = "garbage_point"\noverflow = { share = 1.5 }'),
        "camera[0].zone[0].overflow.share",
        "1.5",
        "less than or equal to 1",
    ),
    "wait where nobody waits": (
        edit(GOOD, 'purpose = "no_stopping"', 'purpose = "no_stopping"\nmax_wait_s = 60'),
        "camera[0].zone[0]",
        "no_stopping",
        "signal_queue or bus_stop",
    ),
    "negative dwell": (
        edit(GOOD, "dwell_s = 20", "dwell_s = -20"),
        "camera[0].zone[0].rule[0].dwell_s",
        "-20",
        "greater than 0",
    ),
    "missing file": (edit(GOOD, "clip.mp4", "clop.mp4"), "camera[0].source", "clop.mp4", "no such file"),
    "forbidden scheme": (
        edit(GOOD, "clip.mp4", "file:///etc/passwd"),
        "camera[0].source",
        "file:///etc/passwd",
        "rtsp://",
    ),
    "two cameras of one name": (HEAD + CAMERA + ZONE + CAMERA + ZONE, "camera", "north", "rename one"),
    "two zones of one name": (GOOD + ZONE, "camera[0].zone", "east", "rename one"),
    "media clock without start": (
        edit(GOOD, "start_at = 2026-01-31T08:00:00Z\n", ""),
        "camera[0].start_at",
        "None",
        "first frame",
    ),
    "start without zone": (edit(GOOD, "08:00:00Z", "08:00:00"), "camera[0].start_at", "2026", "UTC"),
    "live on media clock": (HEAD + LIVE + 'clock = "media"\n' + ZONE, "camera[0].clock", "media", "wall"),
    "start on wall clock": (
        HEAD + LIVE + "start_at = 2026-01-31T08:00:00Z\n" + ZONE,
        "camera[0].start_at",
        "2026",
        "remove it",
    ),
    "file fast on wall clock": (
        HEAD + '[[camera]]\nname = "n"\nsource = "clip.mp4"\nclock = "wall"\n' + ZONE,
        "camera[0].pace",
        "fast",
        "realtime",
    ),
    "ground points on a line": (
        HEAD + CAMERA + "ground_points = [[0.1,0.1,31.0,121.0],[0.2,0.2,31.1,121.1],[0.3,0.3,31.2,121.2],"
        "[0.4,0.4,31.3,121.3]]\n" + ZONE,
        "camera[0].ground_points",
        "0.1",
        "one line",
    ),
    "three ground points": (
        HEAD + CAMERA + "ground_points = [[0.1,0.1,31.0,121.0]]\n" + ZONE,
        "camera[0].ground_points",
        "31",
        "four",
    ),
    "ground point outside": (
        HEAD + CAMERA + "ground_points = [[31.0,121.0,0.1,0.1]]\n" + ZONE,
        "camera[0].ground_points",
        "31",
        "outside",
    ),
    "unknown model": (
        HEAD + '[detector]\nmodel = "yolo99"\n' + CAMERA + ZONE,
        "detector.model",
        "yolo99",
        "give one of",
    ),
    "model without weights": (
        HEAD + '[detector]\nmodel = "omz-2004"\n' + CAMERA + ZONE,
        "detector",
        "omz-2004",
        "weights",
    ),
    "missing weights": (
        HEAD + '[detector]\nmodel = "omz-2004"\nweights = "no.xml"\n' + CAMERA + ZONE,
        "detector.weights",
        "no.xml",
        "no such file",
    ),
    "no threads": (
        HEAD + '[detector]\nmodel = "omz-2004"\nthreads = 0\n' + CAMERA + ZONE,
        "detector.threads",
        "0",
        "1",
    ),
    "centre is no address": (HEAD + '[centre]\nurl = "centre"\n' + CAMERA + ZONE, "centre.url", "centre", "http"),
    "centre with a port that is none": (
        HEAD + '[centre]\nurl = "http://centre:99999"\n' + CAMERA + ZONE,
        "centre.url",
        "99999",
        "ort",
    ),
    "authority that is no certificate": (
        HEAD + '[centre]\nurl = "https://centre"\nca_file = "token"\n' + CAMERA + ZONE,
        "centre.ca_file",
        "token",
        "PEM",
    ),
    "empty token": (
        HEAD + '[centre]\nurl = "https://centre"\ntoken_file = "empty"\n' + CAMERA + ZONE,
        "centre",
        "empty",
        "first line is empty",
    ),
    "empty password": (
        HEAD + '[mqtt]\nusername = "j17"\npassword_file = "empty"\n' + CAMERA + ZONE,
        "mqtt",
        "empty",
        "first line is empty",
    ),
    "path of nobody": (
        HEAD + '[mqtt]\nusername = "j17"\npassword_file = "~no-such-user/p"\n' + CAMERA + ZONE,
        "mqtt",
        "no-such-user",
        "no such user",
    ),
    "path too long": (
        HEAD + f'[mqtt]\nusername = "j17"\npassword_file = "{"x" * 300}"\n' + CAMERA + ZONE,
        "mqtt",
        "xxx",
        "too long",
    ),
    "token in clear": (
        HEAD + '[centre]\nurl = "http://centre.example"\ntoken_file = "token"\n' + CAMERA + ZONE,
        "centre",
        "centre.example",
        "https://",
    ),
    "bad name": (edit(GOOD, '"north"', '"North Gate"'), "camera[0].name", "North Gate", "pattern"),
    "tiles misspelt": (attention('tiles = "on"'), "camera[0].attention.tiles", "on", "auto"),
    "tiles of three sides": (attention("tiles = [[0.1, 0.2, 0.3]]"), "camera[0].attention.tiles", "0.3", "box 0"),
    "tile turned over": (
        attention("tiles = [[0.5, 0.2, 0.3, 0.4]]"),
        "camera[0].attention.tiles",
        "0.5",
        "x1 < x2",
    ),
    "too many tiles": (
        attention(f"tiles = {[[0.1, 0.1, 0.2, 0.2]] * 17}"),
        "camera[0].attention.tiles",
        "0.1",
        "16",
    ),
    "never swept": (attention("sweep_interval_s = 0"), "camera[0].attention.sweep_interval_s", "0", "1"),
    "no zone": (HEAD + CAMERA, "camera[0].zone", "(absent)", "missing"),
    "not TOML": ("[node\n", "(file)", "node.toml", "TOML"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_wrong_file_is_refused_with_field_value_and_fix(name: str, base: Path) -> None:
    text, field, value, fix = REFUSALS[name]
    with pytest.raises(ConfigError) as refusal:
        parse(text, base)
    fields = {problem.field: problem for problem in refusal.value.problems}
    assert field in fields, str(refusal.value)
    assert value in fields[field].value
    assert fix in fields[field].fix


def test_a_refusal_shows_no_password_of_a_camera(base: Path) -> None:
    text = HEAD + LIVE.replace("rtsp://10", "rtsp://admin:s3cret@10") + "name2 = 1\n" + ZONE
    for broken in (text, text.replace('"rtsp://admin', '"rtsp2://admin'), text + '[[camera]]\nname = "north"\n'):
        with pytest.raises(ConfigError) as refusal:
            parse(broken, base)
        assert "s3cret" not in str(refusal.value)


def test_a_password_written_where_its_file_belongs_is_not_repeated(base: Path) -> None:
    with pytest.raises(ConfigError, match="unknown key") as refusal:
        parse(HEAD + '[mqtt]\nusername = "j17"\npassword = "hunter2"\n' + CAMERA + ZONE, base)
    assert "hunter2" not in str(refusal.value)


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_node_config(tmp_path / "none.toml")


def test_attention_gates_by_default_and_takes_boxes(base: Path) -> None:
    settings = parse(GOOD, base).cameras[0].attention.settings()
    assert (settings.gating, settings.sweep_interval_s, settings.tiles) == (True, 30.0, "off")
    chosen = parse(attention("tiles = [[0, 0.25, 0.5, 0.5]]"), base).cameras[0].attention
    assert chosen.settings().tiles == ((0.0, 0.25, 0.5, 0.5),)
    assert parse(attention('tiles = "auto"'), base).cameras[0].attention.settings().tiles == "auto"


@pytest.mark.parametrize(("look_s", "doubted"), [(1, False), (30, False), (60, True)])
def test_looks_too_slow_to_tell_a_fault_within_a_minute_are_doubted_with_field_and_fix(
    base: Path, look_s: int, doubted: bool
) -> None:
    config = parse(HEAD + CAMERA + f"look_interval_s = {look_s}\n" + ZONE, base)
    found = config.doubts()
    assert bool(found) is doubted
    for doubt in found:
        assert "camera.0.look_interval_s" in doubt
        assert "'north'" in doubt
        assert "120 s" in doubt
        assert "give 30 or less" in doubt
