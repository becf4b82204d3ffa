"""The model catalogue: finds cards and their weights, and hands out only weights that match their card.

Shipped models lie in `models/weights/` (card and weights side by side); `models/cards/` holds cards of
well-known free models whose weights the user supplies.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from models.card import ModelCard, load_card
from models.errors import ChecksumMismatch, ModelNotFound

_FOLDERS = ("weights", "cards")
_IR_SUFFIX = ".xml"


@dataclass(frozen=True, slots=True)
class WeightBytes:
    """Verified weights in memory. `companion` holds the .bin of an OpenVINO IR, else None."""

    graph: bytes
    companion: bytes | None


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A card together with the file that its weights are read from."""

    card: ModelCard
    weights: Path

    def read(self) -> WeightBytes:
        """Read and verify in one go, so that what was checked is what is run.

        Raises ModelNotFound or ChecksumMismatch.
        """
        graph = _read_verified(self.weights, self.card.sha256, self.card, "sha256")
        companion = None
        if self.weights.suffix == _IR_SUFFIX:
            expected = self.card.weights_sha256 or ""
            companion = _read_verified(self.weights.with_suffix(".bin"), expected, self.card, "weights_sha256")
        return WeightBytes(graph=graph, companion=companion)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One line of the catalogue; `has_weights` tells whether the weights lie beside the card."""

    card: ModelCard
    path: Path
    has_weights: bool


def list_models() -> list[CatalogueEntry]:
    """All cards that come with the package, by name. Raises CardInvalid."""
    entries = [_entry(path) for folder in _folders() for path in folder.glob("*.toml")]
    return sorted(entries, key=lambda entry: entry.card.name)


def resolve(name_or_card: str | Path, *, weights: Path | None = None) -> ResolvedModel:
    """Find a model by its name or by the path of its card, and check its weights.

    `weights` replaces the file that the card names: a file, or a folder that holds it. Raises
    ModelNotFound, CardInvalid or ChecksumMismatch.
    """
    card_path = _card_path(name_or_card)
    card = load_card(card_path)
    model = ResolvedModel(card=card, weights=_weights_path(card, card_path, weights))
    model.read()
    return model


def _folders() -> list[Path]:
    return [Path(str(files("models"))) / folder for folder in _FOLDERS]


def _entry(path: Path) -> CatalogueEntry:
    card = load_card(path)
    return CatalogueEntry(card=card, path=path, has_weights=(path.parent / card.file).is_file())


def _card_path(name_or_card: str | Path) -> Path:
    if isinstance(name_or_card, Path) or name_or_card.endswith(".toml"):
        return Path(name_or_card)
    shipped = {path.stem: path for folder in reversed(_folders()) for path in folder.glob("*.toml")}
    if name_or_card not in shipped:
        known = ", ".join(sorted(shipped)) or "none"
        raise ModelNotFound(
            f"model {name_or_card!r}: not in the catalogue; use one of [{known}] or the path of a card (.toml)"
        )
    return shipped[name_or_card]


def _weights_path(card: ModelCard, card_path: Path, given: Path | None) -> Path:
    path = card_path.parent / card.file if given is None else given
    return path / Path(card.file).name if path.is_dir() else path


def _read_verified(path: Path, expected: str, card: ModelCard, field: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelNotFound(
            f"weights of model {card.name!r}: {path}: {error.strerror}; give the file's path as weights"
        ) from error
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        raise ChecksumMismatch(
            f"{path}: {field} is {actual}, the card of {card.name!r} says {expected}; "
            "restore the file, or write a card for the new weights"
        )
    return content
