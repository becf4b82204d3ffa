"""The model catalogue: finds cards and their weights, and hands out only weights that match their card.

Shipped models lie in `models/weights/` (card and weights side by side); `models/cards/` holds cards of
well-known free models whose weights the user supplies. A user's own models lie in `user_folder()`, where a shipped
model's name may be used only for that model's weights: a name never means two things.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path, PurePosixPath

from models.card import ModelCard, load_card
from models.errors import CardInvalid, ChecksumMismatch, ModelError, ModelNotFound, NameTaken
from models.external_data import refuse_external_data
from models.reading import MAX_WEIGHTS_BYTES, read_regular, read_within
from models.user_folder import own_cards

_FOLDERS = ("weights", "cards")
_IR_SUFFIX = ".xml"
_ONNX_SUFFIX = ".onnx"
_FIX = "give the file's path as weights"


@dataclass(frozen=True, slots=True)
class WeightBytes:
    """Verified weights in memory. `companion` holds the .bin of an OpenVINO IR, else None."""

    graph: bytes
    companion: bytes | None


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A card together with the file that its weights are read from.

    `folder` is set where the weights were found by the card's word: no link may then lead out of it.
    """

    card: ModelCard
    weights: Path
    folder: Path | None = None

    def read(self) -> WeightBytes:
        """Read and verify in one go, so that what was checked is what is run.

        Raises ModelNotFound, ModelRefused or ChecksumMismatch.
        """
        graph = self._read(self.weights, self.card.sha256, "sha256")
        if self.weights.suffix == _ONNX_SUFFIX:
            refuse_external_data(graph, str(self.weights))
        companion = None
        if self.weights.suffix == _IR_SUFFIX:
            expected = self.card.weights_sha256 or ""
            companion = self._read(self.weights.with_suffix(".bin"), expected, "weights_sha256")
        return WeightBytes(graph=graph, companion=companion)

    def _read(self, path: Path, expected: str, field: str) -> bytes:
        what = f"weights of model {self.card.name!r}"
        if self.folder is None:
            content = read_regular(path, MAX_WEIGHTS_BYTES, what, _FIX)
        else:
            content = read_within(self.folder, str(path.relative_to(self.folder)), MAX_WEIGHTS_BYTES, what)
        return _verified(content, path, expected, self.card, field)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One line of the catalogue; `has_weights` tells whether the weights are there, `own` whether the user added it."""

    card: ModelCard
    path: Path
    has_weights: bool
    own: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A model in the user's folder that cannot be used, and why."""

    name: str
    reason: str


def list_models(folder: Path | None = None) -> list[CatalogueEntry]:
    """All cards, shipped and the user's (`folder`; default: `user_folder()`), by name.

    What cannot be read in the user's folder is left out (`unreadable_models` names it). Raises CardInvalid for a
    shipped card, FolderUnusable for a named folder that cannot be read.
    """
    entries = {entry.card.name: entry for path in _shipped().values() for entry in [_entry(path, own=False)]}
    for path in own_cards(folder):
        try:
            own = _own_entry(path)
        except ModelError:
            continue  # told by unreadable_models
        entries[own.card.name] = own
    return sorted(entries.values(), key=lambda entry: entry.card.name)


def unreadable_models(folder: Path | None = None) -> list[Unreadable]:
    """The models in the user's folder that `list_models` leaves out."""
    found = []
    for path in own_cards(folder):
        try:
            _own_entry(path)
        except ModelError as error:
            found.append(Unreadable(path.parent.name, str(error)))
    return found


def shipped_card(name: str) -> ModelCard | None:
    """The card of that name that comes with the package, or None. Raises CardInvalid."""
    path = _shipped().get(name)
    return None if path is None else load_card(path)


def shipped_with_weights(name: str) -> bool:
    """Whether that name stands for weights that come with the package. Raises CardInvalid."""
    path = _shipped().get(name)
    return path is not None and _entry(path, own=False).has_weights


def resolve(name_or_card: str | Path, *, weights: Path | None = None, folder: Path | None = None) -> ResolvedModel:
    """Find a model by its name or by the path of its card, and check its weights.

    `weights` replaces the file that the card names: a file, or a folder that holds it. `folder` is the user's
    catalogue (default: `user_folder()`). Raises ModelNotFound, CardInvalid, NameTaken, ModelRefused or
    ChecksumMismatch.
    """
    card_path = _card_path(name_or_card, folder)
    model = located(load_card(card_path), card_path, weights)
    model.read()
    return model


def located(card: ModelCard, card_path: Path, weights: Path | None) -> ResolvedModel:
    """Where the weights of a card should be; nothing is read."""
    if weights is None:
        return ResolvedModel(card, card_path.parent / card.file, card_path.parent)
    path = weights / PurePosixPath(card.file).name if weights.is_dir() else weights
    return ResolvedModel(card, path)


def _shipped() -> dict[str, Path]:
    root = Path(str(files("models")))
    return {path.stem: path for name in reversed(_FOLDERS) for path in (root / name).glob("*.toml")}


def _entry(path: Path, *, own: bool) -> CatalogueEntry:
    card = load_card(path)
    return CatalogueEntry(card=card, path=path, has_weights=(path.parent / card.file).is_file(), own=own)


def _own_entry(path: Path) -> CatalogueEntry:
    entry = _entry(path, own=True)
    name = entry.card.name
    if name != path.parent.name:
        raise CardInvalid(f"{path}: name = {name!r}, but its folder is {path.parent.name!r}; give both one name")
    shipped = shipped_card(name)
    if shipped_with_weights(name):
        raise NameTaken(f"{path}: {name!r} is a model that ships with Kerbwatch; rename yours")
    if shipped is not None and shipped.sha256 != entry.card.sha256:
        raise NameTaken(f"{path}: {name!r} is a shipped card for other weights; rename your model")
    return entry


def _card_path(name_or_card: str | Path, folder: Path | None) -> Path:
    if isinstance(name_or_card, Path) or name_or_card.endswith(".toml"):
        return Path(name_or_card)
    own = {path.parent.name: path for path in own_cards(folder)}
    if name_or_card in own:
        return _own_entry(own[name_or_card]).path
    shipped = _shipped()
    if name_or_card not in shipped:
        known = ", ".join(sorted(shipped | own)) or "none"
        raise ModelNotFound(
            f"model {name_or_card!r}: not in the catalogue; use one of [{known}] or the path of a card (.toml)"
        )
    return shipped[name_or_card]


def _verified(content: bytes, path: Path, expected: str, card: ModelCard, field: str) -> bytes:
    actual = hashlib.sha256(content).hexdigest()
    if actual != expected:
        raise ChecksumMismatch(
            f"{path}: {field} is {actual}, the card of {card.name!r} says {expected}; "
            "restore the file, or write a card for the new weights"
        )
    return content
