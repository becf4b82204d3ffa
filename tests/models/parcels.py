"""Small models for the catalogue's tests: a card, a constant graph, and looks that need no engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.taxonomy import ObjectClass
from models.card import Backend
from models.catalogue import ResolvedModel
from models.errors import TrialFailed
from models.trial import Seen
from tests.detectors.runtime.conftest import constant_graph

ONE = Seen(ObjectClass.PERSON, 0.9, (0.1, 0.1, 0.5, 0.5))


def graph() -> bytes:
    """An ONNX file that always sees one person: YOLO end to end, 64 x 32."""
    return constant_graph({"output": np.array([[[6.4, 3.2, 32.0, 16.0, 0.9, 0.0]]], np.float32)})


def card_text(content: bytes, *, name: str = "mine", file: str = "mine.onnx", more: str = "") -> str:
    return f"""
name = "{name}"
version = "1"
file = "{file}"
sha256 = "{hashlib.sha256(content).hexdigest()}"
backends = ["onnxruntime"]
input = {{ width = 64, height = 32, colour = "BGR", resize = "stretch" }}
output = {{ layout = "yolo_end2end" }}
classes = {{ 0 = "person" }}
thresholds = {{ score = 0.5, nms_iou = 0.5 }}
provenance = {{ sources = ["x"], licences = ["x"], licence = "x" }}
{more}
"""


def parcel(folder: Path, content: bytes | None = None, **changes: Any) -> Path:
    """A card and its weights in a folder; gives the card's path."""
    content = graph() if content is None else content
    folder.mkdir(parents=True, exist_ok=True)
    (folder / changes.get("file", "mine.onnx")).write_bytes(content)
    card = folder / "mine.toml"
    card.write_text(card_text(content, **changes))
    return card


def sees_one(
    model: ResolvedModel, backend: Backend, pictures: Sequence[Any], min_score: float
) -> list[list[Seen]]:
    """A look that reads the weights, as every engine does, and sees one person."""
    model.read()
    return [[ONE] for _ in pictures]


def sees_nothing_right(
    model: ResolvedModel, backend: Backend, pictures: Sequence[Any], min_score: float
) -> list[list[Seen]]:
    raise TrialFailed("engine_failed: the graph does not open")


def contents(folder: Path) -> set[str]:
    """What lies in a user's folder, but for the lock."""
    return {path.name for path in folder.iterdir() if path.name != ".lock"} if folder.exists() else set()
