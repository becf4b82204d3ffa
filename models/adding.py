"""Puts models into the user's catalogue, and takes them out: all of it or nothing, tried before it has its name."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.card import MAX_CARD_BYTES, Backend, ModelCard, decode_card
from models.catalogue import ResolvedModel, WeightBytes, located, resolve, shipped_card, shipped_with_weights
from models.errors import FolderUnusable, ModelError, ModelNotFound, ModelRefused, NameTaken
from models.reading import read_regular
from models.trial import Look, TrialReport, try_model
from models.user_folder import CARD_FILE, cards_below

_STAGE, _DOOMED, _LOCK = ".adding-", ".removing-", ".lock"


@dataclass(frozen=True, slots=True)
class Added:
    """A model that is in the catalogue; `reports` is empty where it was there before, the same card and weights."""

    card: ModelCard
    path: Path
    reports: tuple[TrialReport, ...]


def add_model(
    card_file: Path, weights: Path | None, folder: Path, look: Look, *, trust_code: bool = False
) -> Added:
    """Copy a card and its weights into `folder`, after a trial in every backend that is installed.

    `weights` replaces the file that the card names. `trust_code` allows .pt files, which run code when opened. Raises
    ModelError: card, checksum, name, trial, or a folder that cannot be written; nothing is left behind then.
    """
    content = read_regular(card_file, MAX_CARD_BYTES, f"model card {card_file}", "correct the path")
    card = decode_card(content, origin=str(card_file))
    if Backend.ULTRALYTICS in card.backends and not trust_code:
        raise ModelRefused(
            f"file = {card.file!r}: a .pt file is a pickle, which can run any code when opened; export it to ONNX,"
            " or give --trust-code if you made it yourself"
        )
    if there := already_there(card, content, folder):
        return there
    return install(card, content, located(card, card_file, weights).read(), folder, look)


def already_there(card: ModelCard, content: bytes, folder: Path) -> Added | None:
    """The same card with whole weights in `folder`, or None where the name is free. Raises NameTaken."""
    if shipped_with_weights(card.name):
        raise NameTaken(f"name = {card.name!r}: ships with Kerbwatch; give your model another name")
    shipped = shipped_card(card.name)
    if shipped is not None and shipped.sha256 != card.sha256:
        raise NameTaken(f"name = {card.name!r}: is a shipped card for other weights; give your model another name")
    path = folder / card.name / CARD_FILE
    if not os.path.lexists(path.parent):
        return None
    try:
        same = path.read_bytes() == content and resolve(path, folder=folder) is not None
    except (ModelError, OSError):
        same = False  # what is there is broken, so it cannot be the same
    if not same:
        raise NameTaken(
            f"name = {card.name!r}: {path.parent} is there already; remove it first (kerbwatch models remove"
            f" {card.name}) or give the new one another name"
        )
    return Added(card, path, ())


def install(card: ModelCard, content: bytes, weights: WeightBytes, folder: Path, look: Look) -> Added:
    """Stage, try, and only then name a model whose weights are in memory. Raises ModelError."""
    with _writing(folder):
        if there := already_there(card, content, folder):  # another process was faster
            return there
        stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=folder))
        try:
            _fill(stage, card, content, weights)
            reports = try_model(ResolvedModel(card, stage / card.file, stage), look)
            target = folder / card.name
            stage.rename(target)
            _sync(folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return Added(card, target / CARD_FILE, tuple(reports))


def remove_model(name: str, folder: Path) -> Path:
    """Take a model out of the user's folder, at once and whole; returns where it was. Raises ModelError."""
    own = {path.parent.name: path.parent for path in cards_below(folder)}
    if name not in own:
        if shipped_card(name) is not None:
            raise ModelNotFound(f"model {name!r} comes with Kerbwatch; only models in {folder} can be removed")
        raise ModelNotFound(f"model {name!r}: not in {folder}; it holds [{', '.join(own) or 'none'}]")
    with _writing(folder):
        if own[name].is_symlink():
            own[name].unlink()
        else:
            doomed = Path(tempfile.mkdtemp(prefix=_DOOMED, dir=folder))
            own[name].rename(doomed / name)
            _sync(folder)
            shutil.rmtree(doomed)
    return own[name]


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """One writer at a time; what a power cut left half done is cleared away first."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in [*folder.glob(f"{_STAGE}*"), *folder.glob(f"{_DOOMED}*")]:
                shutil.rmtree(left)
            yield
    except OSError as error:
        raise FolderUnusable(
            f"the folder of your models, {folder}: {error.strerror} ({error.filename}); free space, correct its"
            " permissions, or name another in KERBWATCH_MODELS"
        ) from error


def _fill(stage: Path, card: ModelCard, content: bytes, weights: WeightBytes) -> None:
    stage.chmod(0o755)  # the node may run under another user
    graph = stage / card.file
    graph.parent.mkdir(parents=True, exist_ok=True)
    _write(stage / CARD_FILE, content)
    _write(graph, weights.graph)
    if weights.companion is not None:
        _write(graph.with_suffix(".bin"), weights.companion)
    _sync(graph.parent)
    _sync(stage)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o644)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
