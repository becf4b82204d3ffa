"""Digests that decide whether a kept result still holds: one over all that makes it, one over how it is scored."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path

from models.catalogue import resolve
from scenarios.evaluation.item import Item, Settings
from scenarios.language.files import SUFFIX

RUNNING_PACKAGES = ("ingest", "detectors", "models", "edge", "alerts", "central", "scenarios")
NOT_RUNNING = (
    "models/training",
    "models/weights",  # the model in use counts by its sha256
    "models/cards",
    "central/console",
    "scenarios/families",  # what they build counts by its content
    "scenarios/errors/profiles",  # the profile in use counts by its content
    "scenarios/shipped",
    "scenarios/pretty",
    "scenarios/evaluation",
    "scenarios/scoring",
    "scenarios/cli.py",
    "scenarios/contact_sheet.py",
    "scenarios/training_set.py",
    "scenarios/training_frames.py",
)
"""What cannot change what the systems say about a scenario."""
SCORING = ("scenarios/scoring", "scenarios/truth.py", "scenarios/report.py")
_SUFFIXES = frozenset({".py", ".toml", ".json"})
_LIBRARIES = ("numpy", "opencv-python-headless", "onnxruntime", "supervision", "av")


@dataclass(frozen=True)
class Keys:
    """Hexadecimal sha256 of everything that an item's result depends on.

    ``run``: what the systems say; ``score``: how that is judged. Where only the second changes, nothing runs again.
    """

    run: str
    score: str


def keys_of(item: Item, settings: Settings) -> Keys:
    """The keys of an item. Raises what finding the model or profile raises, OSError for a missing picture."""
    told = [item.tier, item.scenario.model_dump_json(by_alias=True), *_pictures(item), running_code(), libraries()]
    if item.tier == "detections":
        told.append(profile_sha256(settings.error_profile))
    else:
        told.append(model_sha256(settings.model))
    return Keys(_digest(part.encode() for part in told), scoring_code())


@cache
def running_code() -> str:
    """Digest of the sources that decide what the systems say."""
    return _code(RUNNING_PACKAGES, NOT_RUNNING)


@cache
def scoring_code() -> str:
    """Digest of the sources that judge it."""
    return _code(SCORING, ())


@cache
def libraries() -> str:
    """Python and the libraries whose versions can change a picture or a detection."""
    versions = [f"python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:  # another build of it may be installed, or none
            versions.append(f"{name} unknown")
    return ", ".join(versions)


@cache
def model_sha256(name: str) -> str:
    """Digest of a model's weights, checked against its card. Raises what :func:`models.catalogue.resolve` raises."""
    return resolve(name).card.sha256


@cache
def profile_sha256(name: str) -> str:
    """Digest of an error profile's content. Raises what its loader raises for an unknown name."""
    from scenarios.errors.profile import load_profile

    return _digest([load_profile(name).model_dump_json().encode()])


def _pictures(item: Item) -> Iterator[str]:
    """Digests of the pictures an item comes with: its scenario's text holds only their paths."""
    named = [actor.picture for actor in item.scenario.actors if actor.picture is not None]
    if item.scenario.scenery.background is not None:
        named.append(item.scenario.scenery.background)
    if item.made is not None:
        named += sorted(path for path in item.made.iterdir() if path.is_file())
    for path in named:
        yield _digest([path.read_bytes()])


def _code(roots: Iterable[str], without: Iterable[str]) -> str:
    base = Path(str(files("scenarios"))).parent
    left_out = [base / path for path in without]
    found: list[Path] = []
    for root in roots:
        path = base / root
        found += [path] if path.is_file() else sorted(path.rglob("*"))
    parts: list[bytes] = []
    for path in found:
        if _is_source(path) and not any(path.is_relative_to(one) for one in left_out):
            parts += [path.relative_to(base).as_posix().encode(), path.read_bytes()]
    return _digest(parts)


def _is_source(path: Path) -> bool:
    # A scenario counts by its content where it is evaluated, not everywhere.
    return path.suffix in _SUFFIXES and not path.name.endswith(SUFFIX) and path.is_file()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        # Each part by its own digest: otherwise "ab" + "c" and "a" + "bc" were the same.
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()
