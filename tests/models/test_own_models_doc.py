from __future__ import annotations

import re
from pathlib import Path

from models.card import OutputLayout, parse_card
from models.fetching.index import parse_index

DOC = Path(__file__).parents[2] / "docs" / "own-models.md"
DIGEST = "0" * 64


def tables() -> list[str]:
    """The TOML blocks, with checksums where the reader has to put theirs."""
    blocks = re.findall(r"```toml\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    return [block.replace('"..."', f'"{DIGEST}"') for block in blocks]


def test_the_worked_example_is_a_valid_card_and_so_are_its_changes() -> None:
    _, yolox, ultralytics, openvino, _ = tables()
    assert parse_card(yolox, origin="yolox").output.layout is OutputLayout.YOLOX
    head, tail = yolox.split("[input]")[0], "[classes]" + yolox.split("[classes]")[1]
    assert parse_card(head + ultralytics + tail, origin="ultralytics").output.layout is OutputLayout.YOLO_RAW
    plain = "\n".join(line for line in head.splitlines() if not line.startswith(("file", "sha256", "backends")))
    card = plain.replace("our-street", "our-street-int8") + openvino + "\n[input]" + yolox.split("[input]")[1]
    card = re.sub(r'\[output\]\nlayout = "yolox"\n.*?\n\n', "", card, flags=re.DOTALL)
    ordered = re.sub(r"experimental = .*\n", "", card)
    assert parse_card(ordered, origin="openvino").variant is not None


def test_the_mirrors_index_is_valid_and_its_addresses_are_completed() -> None:
    index = parse_index(tables()[-1].encode(), origin="https://mirror.city.example/models/index.toml")
    assert index.entry("our-street").graph.url == "https://mirror.city.example/models/best.onnx"
