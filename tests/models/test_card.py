from __future__ import annotations

from pathlib import Path

import pytest

from ingest.taxonomy import ObjectClass
from models.card import Backend, OutputLayout, load_card, parse_card
from models.errors import CardInvalid, ModelError, ModelNotFound

CARD = """
name = "kerbwatch-nano"
version = "0.1.0"
file = "kerbwatch-nano.onnx"
sha256 = "%s"
backends = ["onnxruntime", "openvino"]
[input]
width = 512
height = 288
layout = "NCHW"
colour = "BGR"
scale = 1.0
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
resize = "letterbox"
pad_value = 114
pad_anchor = "top_left"
[output]
layout = "yolox"
box_tensor = "boxes"
strides = [8, 16, 32]
decoded = false
[classes]
0 = "person"
1 = "vehicle"
[thresholds]
score = 0.35
nms_iou = 0.5
[thresholds.per_class]
person = 0.4
[provenance]
sources = ["street pictures"]
licences = ["MIT"]
settings = ["100 epochs"]
command = "kerbwatch train"
accuracy = ["AP50 .5"]
licence = "Apache-2.0"
notes = "weak"
""" % ("ab" * 32)


def test_the_documented_card_is_read_in_full() -> None:
    card = parse_card(CARD, origin="card")
    assert card.classes == {0: ObjectClass.PERSON, 1: ObjectClass.VEHICLE}
    assert card.backends == (Backend.ONNXRUNTIME, Backend.OPENVINO)
    assert card.output.layout is OutputLayout.YOLOX
    assert card.output.strides == (8, 16, 32)
    assert card.thresholds.of(ObjectClass.PERSON) == 0.4
    assert card.thresholds.of(ObjectClass.VEHICLE) == 0.35
    assert card.thresholds.privacy == 0.10


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("width = 512", 'width = "512"', ("input.width", "'512'", "integer")),
        ("width = 512", "width = -3", ("input.width", "-3", "greater than 0")),
        ('colour = "BGR"', 'colour = "GBR"', ("input.colour", "'GBR'", "'BGR' or 'RGB'")),
        ('resize = "letterbox"', 'resise = "letterbox"', ("input.resise", "remove it", "input.resize", "add it")),
        ("std = [1.0, 1.0, 1.0]", "std = [1.0, 0.0, 1.0]", ("input.std", "0.0", "above 0")),
        ("mean = [0.0, 0.0, 0.0]", "mean = [nan, 0.0, 0.0]", ("input.mean.0", "finite")),
        ('layout = "yolox"', 'layout = "yolo7"', ("output.layout", "'yolo7'", "'yolo_raw'")),
        ("decoded = false", 'decoded = "no"', ("output.decoded", "'no'", "boolean")),
        ("strides = [8, 16, 32]", "strides = [8, 15]", ("strides", "512x288", "correct")),
        ('1 = "vehicle"', '1 = "lorry"', ("classes.1", "'lorry'", "'vehicle'")),
        ('1 = "vehicle"', '1 = "unknown"', ("classes", "unknown", "leave that index out")),
        ("score = 0.35", "score = 35", ("thresholds.score", "35", "less than or equal to 1")),
        ("score = 0.35", "privacy = 0.5\nscore = 0.35", ("thresholds.privacy", "0.5", "lower it")),
        ("person = 0.4", "stall = 0.4", ("thresholds.per_class", "stall")),
        ("ab" * 32, "AB" * 32, ("sha256", "correct its spelling")),
        ('"kerbwatch-nano.onnx"', '"../secret.onnx"', ("file", "../secret.onnx", "below the card's own folder")),
        ('"kerbwatch-nano.onnx"', '"/etc/x.onnx"', ("file", "/etc/x.onnx")),
        ('"kerbwatch-nano.onnx"', '"nano.tflite"', ("file", ".onnx")),
        ('"kerbwatch-nano.onnx"', '"nano.pt"', ("backends", "nano.pt", "ultralytics")),
        ('["onnxruntime", "openvino"]', '["tensorrt"]', ("backends.0", "'tensorrt'", "'onnxruntime'")),
        ('licences = ["MIT"]', "licences = []", ("provenance.licences", "at least 1")),
        ("[classes]", "[classes", ("not TOML", "line")),
    ],
)
def test_a_wrong_card_is_refused_naming_field_value_and_fix(old: str, new: str, names: tuple[str, ...]) -> None:
    assert old in CARD
    with pytest.raises(CardInvalid) as caught:
        parse_card(CARD.replace(old, new), origin="my-card.toml")
    for name in ("my-card.toml", *names):
        assert name in str(caught.value)


def test_an_ir_without_the_hash_of_its_weights_is_refused() -> None:
    text = CARD.replace("nano.onnx", "nano.xml").replace('["onnxruntime", "openvino"]', '["openvino"]')
    with pytest.raises(CardInvalid, match="weights_sha256"):
        parse_card(text, origin="card")
    added = text.replace("backends", f'weights_sha256 = "{"cd" * 32}"\nbackends')
    assert parse_card(added, origin="card").weights_sha256 == "cd" * 32


def test_a_card_that_is_absent_or_not_text_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="correct the path"):
        load_card(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b'name = "\xff"')
    with pytest.raises(CardInvalid, match="UTF-8"):
        load_card(binary)
    assert issubclass(CardInvalid, ModelError)
