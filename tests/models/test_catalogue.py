from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.catalogue import list_models, resolve
from models.errors import ChecksumMismatch, FolderUnusable, ModelNotFound
from models.user_folder import user_folder

WEIGHTS = b"weights"


@pytest.fixture(autouse=True)
def _no_own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERBWATCH_MODELS", str(tmp_path / "none"))


def write_card(folder: Path, *, file: str = "tiny.onnx", backend: str = "onnxruntime", more: str = "") -> Path:
    path = folder / "tiny.toml"
    path.write_text(
        f"""
        name = "tiny"
        version = "1"
        file = "{file}"
        sha256 = "{hashlib.sha256(WEIGHTS).hexdigest()}"
        {more}
        backends = ["{backend}"]
        input = {{ width = 8, height = 8, colour = "BGR", resize = "stretch" }}
        output = {{ layout = "ssd" }}
        classes = {{ 0 = "person" }}
        thresholds = {{ score = 0.5, nms_iou = 0.5 }}
        provenance = {{ sources = ["x"], licences = ["x"], licence = "x" }}
        """
    )
    return path


def test_weights_beside_the_card_are_found_and_verified(tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(WEIGHTS)
    model = resolve(write_card(tmp_path))
    assert model.weights == tmp_path / "tiny.onnx"
    assert model.read().graph == WEIGHTS
    assert resolve(str(tmp_path / "tiny.toml")).card.name == "tiny"


def test_weights_can_be_given_as_file_or_as_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "tiny.onnx").write_bytes(WEIGHTS)
    card = write_card(tmp_path)
    assert resolve(card, weights=elsewhere).weights == elsewhere / "tiny.onnx"
    assert resolve(card, weights=elsewhere / "tiny.onnx").weights == elsewhere / "tiny.onnx"


def test_changed_weights_are_refused_when_resolved_and_again_when_read(tmp_path: Path) -> None:
    weights = tmp_path / "tiny.onnx"
    weights.write_bytes(WEIGHTS)
    model = resolve(write_card(tmp_path))
    weights.write_bytes(WEIGHTS + b"!")
    with pytest.raises(ChecksumMismatch, match="restore the file"):
        model.read()
    with pytest.raises(ChecksumMismatch):
        resolve(tmp_path / "tiny.toml")


def test_both_files_of_an_ir_are_verified(tmp_path: Path) -> None:
    companion = hashlib.sha256(b"bin").hexdigest()
    card = write_card(tmp_path, file="tiny.xml", backend="openvino", more=f'weights_sha256 = "{companion}"')
    (tmp_path / "tiny.xml").write_bytes(WEIGHTS)
    with pytest.raises(ModelNotFound, match=r"tiny\.bin"):
        resolve(card)
    (tmp_path / "tiny.bin").write_bytes(b"other")
    with pytest.raises(ChecksumMismatch, match="weights_sha256"):
        resolve(card)
    (tmp_path / "tiny.bin").write_bytes(b"bin")
    assert resolve(card).read().companion == b"bin"


def test_unknown_names_and_absent_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"omz-9999.*omz-2004"):
        resolve("omz-9999")
    with pytest.raises(ModelNotFound, match="give the file's path as weights"):
        resolve(write_card(tmp_path))
    with pytest.raises(ModelNotFound, match="correct the path"):
        resolve(tmp_path / "no.toml")


def test_every_shipped_card_is_valid_and_found_by_its_own_name() -> None:
    entries = list_models()
    names = [entry.card.name for entry in entries]
    assert {"omz-2000", "omz-2001", "omz-2003", "omz-2004", "crossroad-0078", "yolox-nano-coco"} <= set(names)
    assert len(names) == len(set(names))
    assert names == [entry.path.stem for entry in sorted(entries, key=lambda entry: entry.card.name)]


def test_every_model_shipped_with_weights_matches_its_checksum() -> None:
    for entry in list_models():
        if entry.has_weights:
            assert resolve(entry.card.name).card == entry.card


def test_the_users_folder_is_named_by_variable_or_by_xdg() -> None:
    assert user_folder({"KERBWATCH_MODELS": "/m", "XDG_DATA_HOME": "/x", "HOME": "/h"}) == Path("/m")
    assert user_folder({"XDG_DATA_HOME": "/x", "HOME": "/h"}) == Path("/x/kerbwatch/models")
    assert user_folder({"XDG_DATA_HOME": "relative", "HOME": "/h"}) == Path("/h/.local/share/kerbwatch/models")
    assert user_folder({"HOME": "/h"}) == Path("/h/.local/share/kerbwatch/models")


def test_a_folder_that_cannot_be_read_is_told_if_named_and_empty_if_it_is_only_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderUnusable, match="Not a directory"):
        list_models(tmp_path / "file" / "models")
    monkeypatch.delenv("KERBWATCH_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert resolve("kerbwatch-nano").card.name == "kerbwatch-nano"
