"""Opens what is to be measured: a model of the catalogue, or a bare file exported by the training code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from models.card import InputSpec, ModelCard, OutputLayout, OutputSpec
from models.catalogue import list_models, resolve
from models.errors import ModelNotFound, TrialFailed
from models.external_data import refuse_external_data
from models.reading import MAX_WEIGHTS_BYTES, read_regular
from models.training.folder import CLASSES
from models.training.reference import Model, omz, yolox
from models.trial_picture import street

YARDSTICKS = ("omz-2004", "omz-2003", "yolox-nano-coco")


def shipped() -> list[str]:
    """Names of the models whose weights come with the package."""
    return [entry.card.name for entry in list_models() if entry.has_weights and not entry.own]


def label(name: str) -> str:
    """How a model is called in the tables: its name in the catalogue, or its file's name without the suffix."""
    return Path(name).stem if name.endswith((".onnx", ".toml")) else name


def open_model(
    name: str, data: Path | None, threads: int = 1, backend: str = "onnxruntime", folder: Path | None = None
) -> Model:
    """The model as picture -> Detections, every score from 0.05 on kept.

    `name` is a name of the catalogue (own models from `folder`), a card, or an .onnx file of this project's training
    code. Weights that do not come with the package are looked for under `data`. Raises ModelError.
    """
    if name.endswith(".onnx"):
        refuse_external_data(read_regular(Path(name), MAX_WEIGHTS_BYTES, "model", "correct the path"), name)
        return _tried_yolox(name, Path(name), {index: index for index in range(len(CLASSES))}, threads, backend)
    card = next((entry for entry in list_models(folder) if entry.card.name == name), None)
    weights = None if card is None or card.has_weights else _below(data, card.card)
    found = resolve(name, weights=weights, folder=folder)
    if found.card.output.layout is OutputLayout.OMZ_2000:
        return omz(found.weights, threads)
    _check_measurable(found.card)
    return _tried_yolox(name, found.weights, _ours(found.card), threads, backend)


def _check_measurable(card: ModelCard) -> None:
    """Measuring reads YOLOX as this project trains it; numbers read in any other way would be wrong figures."""
    if card.output.layout is not OutputLayout.YOLOX:
        raise ModelNotFound(
            f"model {card.name!r}: output.layout {card.output.layout.value!r} cannot be measured; use yolox or omz_2000"
        )
    told, known = _spelt(card.input, card.output), _spelt(_INPUT, _OUTPUT)
    if other := sorted(field for field, value in told.items() if value != known[field]):
        raise ModelNotFound(
            f"model {card.name!r}: {', '.join(f'{field} = {told[field]}' for field in other)} cannot be measured;"
            f" export it with {', '.join(f'{field} = {known[field]}' for field in other)}"
        )


def _spelt(given: InputSpec, out: OutputSpec) -> dict[str, object]:
    fields = {f"input.{field}": value for field, value in given.model_dump(exclude={"width", "height"}).items()}
    return fields | {
        f"output.{field}": value for field, value in out.model_dump(mode="json", exclude=_NAMES).items()
    }


_NAMES = {"box_tensor", "label_tensor"}  # the first output is read, whatever its name
_INPUT = InputSpec(width=32, height=32, colour="BGR", resize="letterbox")
_OUTPUT = OutputSpec(layout=OutputLayout.YOLOX)


def _tried_yolox(name: str, weights: Path, classes: Mapping[int, int], threads: int, backend: str) -> Model:
    try:
        model = yolox(weights, classes, threads, backend=backend)
        model(street())
    except Exception as error:  # the engines' errors share no base; all become TrialFailed
        reason = str(error).splitlines()[0][:300]
        raise TrialFailed(
            f"model {name!r}: is no YOLOX file with a fixed input size and the classes that it should have ({reason});"
            " name an exported file, or a card"
        ) from error
    return model


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
