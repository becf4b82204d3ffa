"""Fetches a model by name: downloads its files aside, then adds it like any model of the user's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from models.adding import Added, already_there, install
from models.card import ModelCard, decode_card
from models.catalogue import WeightBytes
from models.errors import CardInvalid, FolderUnusable, ModelError, ModelRefused
from models.fetching.download import download, read_small
from models.fetching.faults import Fault, FetchFailed
from models.fetching.index import (
    MAX_INDEX_BYTES,
    Index,
    IndexEntry,
    IndexFile,
    parse_index,
    read_index,
    shipped_index,
)
from models.fetching.rules import Patience
from models.trial import Look

PARTIAL = ".partial"
FileProgress = Callable[[IndexFile, int], None]
"""Told which file is coming and how many of its bytes are there."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How to fetch: limits, who is told, and how to wait between tries."""

    patience: Patience = field(default_factory=Patience)
    progress: FileProgress = lambda _file, _bytes: None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def open_index(place: str | None, patience: Patience) -> Index:
    """The shipped index, or that of a file or an https address. Raises ModelError."""
    if place is None:
        return shipped_index()
    if place.startswith(("https://", "http://")):
        return parse_index(asyncio.run(read_small(place, MAX_INDEX_BYTES, patience)), origin=place)
    return read_index(Path(place))


def fetch_model(entry: IndexEntry, folder: Path, look: Look, manner: Manner) -> Added:
    """Bring a model of an index into the user's catalogue; what is there already is not fetched again.

    Raises ModelError. What came before a fault that may pass is kept in `.partial` below the folder, under its
    checksum; a model appears under its name only when all its files are whole and the trial was passed.
    """
    partial = folder / PARTIAL
    try:
        added = _added(entry, folder, look, manner)
    except FetchFailed as error:
        if not error.passing:
            _clear(entry, partial)
        raise
    except ModelError:
        _clear(entry, partial)
        raise
    _clear(entry, partial)
    return added


def _added(entry: IndexEntry, folder: Path, look: Look, manner: Manner) -> Added:
    partial = folder / PARTIAL
    content, card = _card(entry, partial, manner)
    if there := already_there(card, content, folder):
        return there
    graph = _fetched(entry.graph, partial, manner)
    companion = None if entry.companion is None else _fetched(entry.companion, partial, manner)
    return install(card, content, WeightBytes(graph, companion), folder, look)


def _card(entry: IndexEntry, partial: Path, manner: Manner) -> tuple[bytes, ModelCard]:
    if entry.card is None:
        path = Path(str(files("models"))) / "cards" / f"{entry.name}.toml"
        content, origin = path.read_bytes(), str(path)
    else:
        content, origin = _fetched(entry.card, partial, manner), entry.card.url
    card = decode_card(content, origin=origin)
    companion = None if entry.companion is None else entry.companion.sha256
    if (card.name, card.sha256, card.weights_sha256) != (entry.name, entry.graph.sha256, companion):
        raise CardInvalid(
            f"{origin}: name, sha256 or weights_sha256 are not those of the index; correct the index"
        )
    if card.file.endswith(".pt"):
        raise ModelRefused(f"{origin}: a .pt file runs code when opened and is never fetched; offer ONNX or IR")
    return content, card


def _fetched(file: IndexFile, partial: Path, manner: Manner) -> bytes:
    target = partial / file.sha256
    try:
        partial.mkdir(parents=True, exist_ok=True)  # another fetch that ends may have taken it away
    except OSError as error:
        raise FolderUnusable(
            f"{partial}: {error.strerror}; correct it, or name another in KERBWATCH_MODELS"
        ) from error
    try:
        asyncio.run(
            download(file, target, manner.patience, lambda there: manner.progress(file, there), manner.sleep)
        )
        return target.read_bytes()
    except OSError as error:
        raise FetchFailed(Fault.DISK, f"{target}: {error.strerror}; run it again", passing=True) from error


def _clear(entry: IndexEntry, partial: Path) -> None:
    for file in entry.files:
        (partial / file.sha256).unlink(missing_ok=True)
    with suppress(OSError):  # not empty: another fetch is at it, or goes on later
        partial.rmdir()
