"""The index (索引): which models can be fetched by name, from where, and what their files must be."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self
from urllib.parse import urljoin

from pydantic import Field, Strict, ValidationError, field_validator, model_validator

from models.card import MAX_CARD_BYTES, Line, Sha256, complaints
from models.card_figures import CardPart
from models.catalogue import shipped_card
from models.errors import CardInvalid, ModelNotFound
from models.reading import MAX_WEIGHTS_BYTES, read_regular

MAX_INDEX_BYTES = 1 << 20


class IndexFile(CardPart):
    """One file. `url` may be relative to the address of the index; `bytes` is its exact size."""

    url: Annotated[Line, Field(max_length=2000)]
    sha256: Sha256
    bytes: Annotated[int, Strict(), Field(gt=0, le=MAX_WEIGHTS_BYTES)]


class IndexEntry(CardPart):
    """One model. Without `card` its card is the shipped one of that name.

    `graph` is the file that the card names, `companion` the .bin of an OpenVINO IR. `address` says how sure the URLs
    are, `known_from` how the checksums are known.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)]
    licence: Line
    graph: IndexFile
    companion: IndexFile | None = None
    card: IndexFile | None = None
    address: Literal["published", "inferred"] = "published"
    known_from: Line

    @field_validator("card")
    @classmethod
    def _is_small(cls, card: IndexFile | None) -> IndexFile | None:
        if card is not None and card.bytes > MAX_CARD_BYTES:
            raise ValueError(f"a card has at most {MAX_CARD_BYTES} bytes; correct bytes or url")
        return card

    @model_validator(mode="after")
    def _fits_its_card(self) -> Self:
        if self.card is not None:
            return self
        card = shipped_card(self.name)
        if card is None:
            raise ValueError(
                f"no card named {self.name!r} comes with Kerbwatch; add a [model.card] with url and sha256"
            )
        companion = None if self.companion is None else self.companion.sha256
        if (card.sha256, card.weights_sha256) != (self.graph.sha256, companion):
            raise ValueError(
                f"graph or companion have other checksums than the shipped card {self.name!r}; correct them"
            )
        return self

    @property
    def files(self) -> list[IndexFile]:
        """All that has to be fetched."""
        return [file for file in (self.card, self.graph, self.companion) if file is not None]


class Index(CardPart):
    """The whole file: `[[model]]` tables."""

    model: tuple[IndexEntry, ...] = Field(min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [entry.name for entry in self.model]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two models are named {twice[0]!r}; rename one")
        return self

    def entry(self, name: str) -> IndexEntry:
        """Raises ModelNotFound, naming what there is."""
        for entry in self.model:
            if entry.name == name:
                return entry
        raise ModelNotFound(
            f"model {name!r}: not in the index; it holds [{', '.join(sorted(entry.name for entry in self.model))}]"
        )


def parse_index(content: bytes, *, origin: str) -> Index:
    """Read an index (UTF-8 TOML). Where `origin` is an address, relative URLs are completed. Raises CardInvalid."""
    try:
        index = Index.model_validate(tomllib.loads(content.decode("utf-8")))
    except ValidationError as error:
        raise CardInvalid(f"{origin}: {complaints(error)}") from error
    except (ValueError, RecursionError) as error:  # also what is not UTF-8
        raise CardInvalid(f"{origin}: not TOML in UTF-8: {error}; correct that line") from error
    if not origin.startswith(("https://", "http://")):
        return index
    entries = (_completed(entry, origin) for entry in index.model)
    return Index.model_construct(model=tuple(entries))


def read_index(path: Path) -> Index:
    """Raises CardInvalid, ModelNotFound or ModelRefused."""
    return parse_index(read_regular(path, MAX_INDEX_BYTES, f"index {path}", "correct the path"), origin=str(path))


def shipped_index() -> Index:
    """The index that comes with the package."""
    return read_index(Path(str(files("models"))) / "index.toml")


def file_name(url: str) -> str:
    """The last part of an address, for messages."""
    return PurePosixPath(url.split("?")[0]).name


def _completed(entry: IndexEntry, origin: str) -> IndexEntry:
    def absolute(file: IndexFile | None) -> IndexFile | None:
        return None if file is None else file.model_copy(update={"url": urljoin(origin, file.url)})

    parts = {name: absolute(getattr(entry, name)) for name in ("graph", "companion", "card")}
    return entry.model_copy(update=parts)
