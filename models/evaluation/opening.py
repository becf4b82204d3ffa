"""Opens what is to be measured: a model of the catalogue, or a bare file exported by the training code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from models.card import ModelCard, OutputLayout
from models.catalogue import list_models, resolve
from models.errors import ModelNotFound
from models.training.folder import CLASSES
from models.training.reference import Model, omz, yolox

YARDSTICKS = ("omz-2004", "omz-2003", "yolox-nano-coco")


def shipped() -> list[str]:
    """Names of the models whose weights come with the package."""
    return [entry.card.name for entry in list_models() if entry.has_weights]


def open_model(name: str, data: Path | None, threads: int = 1, backend: str = "onnxruntime") -> Model:
    """The model as picture -> Detections, every score from 0.05 on kept.

    `name` is a name of the catalogue, a card, or an .onnx file of this project's training code. Weights that
    do not come with the package are looked for under `data`. Raises ModelNotFound, CardInvalid, ChecksumMismatch.
    """
    if name.endswith(".onnx"):
        return yolox(Path(name), {index: index for index in range(len(CLASSES))}, threads, backend=backend)
    card = next((entry for entry in list_models() if entry.card.name == name), None)
    found = resolve(name, weights=None if card is None or card.has_weights else _below(data, card.card))
    if found.card.output.layout is OutputLayout.OMZ_2000:
        return omz(found.weights, threads)
    if found.card.output.layout is OutputLayout.YOLOX:
        return yolox(found.weights, _ours(found.card), threads, backend=backend)
    raise ModelNotFound(
        f"model {name!r}: output.layout {found.card.output.layout.value!r} cannot be measured; use yolox or omz_2000"
    )


def _below(data: Path | None, card: ModelCard) -> Path:
    file = PurePosixPath(card.file).name
    at = next(iter(sorted(data.rglob(file))), None) if data is not None else None
    if at is None:
        raise ModelNotFound(
            f"weights of model {card.name!r}: no {file} below the data folder; give it with --data"
        )
    return at


def _ours(card: ModelCard) -> Mapping[int, int]:
    number = {kind: index for index, kind in enumerate(CLASSES)}
    return {index: number[kind] for index, kind in card.classes.items() if kind in number}
