"""Models that came from the centre, by content: ``models/<sha256>.toml`` cards and ``models/<sha256>.onnx`` weights.

A name is the sha256 of the bytes, checked before the file has it; half a download is ``<sha256>.part`` and is gone on
with. Only ONNX is taken: a pickle (.pt) runs code when it is opened.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import closing
from pathlib import Path

from models.card import ModelCard, decode_card
from models.catalogue import ResolvedModel
from models.errors import ModelError

RESERVE_BYTES = 64 * 1024 * 1024
"""Left free on the disk: events come before models."""
_CHUNK = 1 << 20


class FetchRefused(Exception):  # noqa: N818 - an outcome that is reported or tried again
    """Bytes that could not be had. ``passing``: it is worth trying again later."""

    def __init__(self, reason: str, detail: str, *, passing: bool) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.passing = passing


Download = Callable[[str, int], Generator[bytes, None, None]]
"""The bytes of a sha256 from an offset on; raises FetchRefused."""


class ModelStore:
    """The folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, sha256: str, ending: str) -> Path:
        """Where it lies, whether or not it is there. ``sha256`` was checked by the wire contract."""
        return self._folder / f"{sha256}.{ending}"

    def fetch(self, sha256: str, size: int, ending: str, download: Download) -> Path:
        """The file, fetched unless it is there, whole and verified.

        Raises:
            FetchRefused: ``length``, ``hash_mismatch``, ``disk_full``, ``disk``, or what ``download`` raises.
        """
        target = self.path(sha256, ending)
        if target.is_file() and target.stat().st_size == size and _sha256_of(target) == sha256:
            return target
        part = self.path(sha256, "part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._check_space(size)
            self._download(part, sha256, size, download)
            part.replace(target)
            _sync_folder(self._folder)
        except OSError as error:
            raise FetchRefused("disk", f"{self._folder}: {error.strerror}", passing=True) from error
        return target

    def resolve(self, card_sha256: str, weights_sha256: str) -> ResolvedModel:
        """Card and verified weights. Raises ModelError."""
        path = self.path(card_sha256, "toml")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(
                f"{path}: {error.strerror}; it will be fetched again when it is desired again"
            ) from error
        if hashlib.sha256(content).hexdigest() != card_sha256:
            raise ModelError(f"{path}: has changed since it was fetched")
        card = checked_card(content, weights_sha256)
        model = ResolvedModel(card, self.path(weights_sha256, "onnx"), self._folder)
        model.read()
        return model

    def keep_only(self, wanted: Collection[str]) -> int:
        """Delete what no state refers to; how many files."""
        gone = 0
        for path in self._folder.glob("*.*") if self._folder.is_dir() else ():
            if path.stem not in wanted and path.suffix in (".toml", ".onnx", ".part"):
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _check_space(self, size: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < size + RESERVE_BYTES:
            raise FetchRefused("disk_full", f"{free} bytes are free, {size + RESERVE_BYTES} needed", passing=True)

    def _download(self, part: Path, sha256: str, size: int, download: Download) -> None:
        had = part.stat().st_size if part.is_file() else 0
        if had > size:
            part.unlink()
            had = 0
        if had < size:
            with closing(_bounded(download(sha256, had), size - had)) as chunks:
                _append(part, had, chunks)
        if part.stat().st_size < size:
            raise FetchRefused("truncated", f"{part.stat().st_size} of {size} bytes came", passing=True)
        if _sha256_of(part) != sha256:
            part.unlink()
            # Bytes of an earlier try may be to blame; nothing can be said for a file that came in one go.
            raise FetchRefused("hash_mismatch", f"the bytes do not have the sha256 {sha256}", passing=had > 0)


def checked_card(content: bytes, weights_sha256: str) -> ModelCard:
    """The card, where it is one for these weights and for ONNX. Raises ModelError."""
    card = decode_card(content, origin="the card from the centre")
    if not card.file.endswith(".onnx"):
        raise ModelError(f"file = {card.file!r}: only .onnx is taken from the centre")
    if card.sha256 != weights_sha256:
        raise ModelError(f"the card is for weights {card.sha256}, the order names {weights_sha256}")
    return card


def _bounded(chunks: Iterable[bytes], limit: int) -> Generator[bytes, None, None]:
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > limit:
            raise FetchRefused("length", f"more than the {limit} bytes that were announced", passing=False)
        yield chunk


def _append(part: Path, had: int, chunks: Iterable[bytes]) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        file.truncate(had)
        file.seek(had)
        try:
            for chunk in chunks:
                file.write(chunk)
        finally:
            file.flush()
            os.fsync(file.fileno())


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
