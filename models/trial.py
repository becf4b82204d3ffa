"""The trial (试运行): before weights are used they must open and see sensible things on the test picture.

The engines live in `detectors`, which this package may not import: the command line passes a `Look` in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.boxes import iou
from ingest.taxonomy import ObjectClass
from models.card import Backend, ModelCard
from models.card_figures import Sighting
from models.catalogue import ResolvedModel
from models.errors import BackendMissing, TrialFailed
from models.trial_picture import HEIGHT, WIDTH, street

SMOKE_FLOOR = 0.25
"""Sightings from this score on make up the fingerprint: weaker ones come and go with the engine's rounding."""
SCORE_TOLERANCE = 0.15
IOU_TOLERANCE = 0.6
"""ONNX Runtime and OpenVINO (bfloat16 where the processor has it) differ by up to 0.09 and 0.8 on the same weights."""
MAX_SMOKE = 64
"""A card takes no more."""
MAX_SIGHTINGS = 100
"""More than this on a picture with six objects means that the numbers are read wrongly."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting: x1 y1 x2 y2 in fractions of the picture."""

    kind: ObjectClass
    score: float
    box: tuple[float, float, float, float]


class Look(Protocol):
    """Opens a model in one backend and looks at some pictures (height x width x 3, BGR, uint8).

    Yields, per picture, every sighting of at least `min_score`. Raises BackendMissing where that backend is not
    installed, TrialFailed where the weights do not open or their numbers are not what the card says, or ModelError
    for the file.
    """

    def __call__(
        self, model: ResolvedModel, backend: Backend, pictures: Sequence[NDArray[np.uint8]], min_score: float
    ) -> list[list[Seen]]: ...


@dataclass(frozen=True, slots=True)
class TrialReport:
    """A trial that was passed; `compared` counts the sightings of the card's fingerprint, all found again."""

    backend: Backend
    seen: tuple[Seen, ...]
    compared: int


def try_model(model: ResolvedModel, look: Look, backends: Sequence[Backend] = ()) -> list[TrialReport]:
    """Try the model in these backends, by default in every one that its card names and that is installed here.

    Raises TrialFailed, also where none is installed, or ModelError for the file.
    """
    reports, missing = [], []
    for backend in backends or model.card.backends:
        try:
            seen, blank = look(model, backend, [street(), _blank()], SMOKE_FLOOR)
        except BackendMissing as error:
            missing.append(str(error))
            continue
        reports.append(judge_trial(model.card, backend, seen, blank))
    if not reports:
        raise TrialFailed(f"model {model.card.name!r} cannot be tried: {'; '.join(missing)}")
    return reports


def judge_trial(card: ModelCard, backend: Backend, seen: Sequence[Seen], blank: Sequence[Seen]) -> TrialReport:
    """Weigh what was seen, from SMOKE_FLOOR on, on the test picture and on a blank one.

    Raises TrialFailed.
    """
    name = f"model {card.name!r} in {backend.value}"
    if len(blank) > MAX_SIGHTINGS or len(seen) > MAX_SIGHTINGS:
        raise TrialFailed(
            f"{name}: sees {max(len(seen), len(blank))} objects on a picture with six; "
            "correct [input] (scale, mean, colour) or output.layout of the card"
        )
    for wanted in card.smoke:
        if not any(_same(wanted, found) for found in seen):
            raise TrialFailed(
                f"{name}: smoke says {wanted.class_.value} {wanted.score:.2f} at {_shown(wanted.box)} on the test"
                f" picture, seen was {_best(wanted, seen)}; the engine computes wrongly here, or [input] was changed"
            )
    return TrialReport(backend, tuple(seen), len(card.smoke))


def smoke_lines(seen: Sequence[Seen]) -> str:
    """The fingerprint as TOML, to be put at the end of a card, also of one whose last line is not ended."""
    rows = [found for found in seen if found.score >= SMOKE_FLOOR + SCORE_TOLERANCE]
    return "".join(
        f'\n[[smoke]]\nclass = "{found.kind.value}"\nscore = {found.score:.3f}\n'
        f"box = [{', '.join(f'{side:.4f}' for side in found.box)}]\n"
        for found in sorted(rows, key=lambda found: -found.score)[:MAX_SMOKE]
    )


def _blank() -> NDArray[np.uint8]:
    return np.full((HEIGHT, WIDTH, 3), 114, np.uint8)


def _same(wanted: Sighting, found: Seen) -> bool:
    return (
        wanted.class_ == found.kind
        and abs(wanted.score - found.score) <= SCORE_TOLERANCE
        and iou(wanted.box, found.box) >= IOU_TOLERANCE
    )


def _best(wanted: Sighting, seen: Sequence[Seen]) -> str:
    alike = [found for found in seen if found.kind == wanted.class_]
    if not alike:
        return "no such object"
    best = max(alike, key=lambda found: iou(wanted.box, found.box))
    return f"{best.score:.2f} at {_shown(best.box)}"


def _shown(box: Sequence[float]) -> str:
    return "[" + ", ".join(f"{side:.2f}" for side in box) + "]"
