"""Reading and writing scenario files: TOML, named ``*.scenario.toml``."""

from __future__ import annotations

import shutil
from enum import Enum
from pathlib import Path
from typing import Any

import tomli_w

from ingest.config import ConfigError, Problem, load_config
from scenarios.language.base import FORMAT
from scenarios.language.scenario import Scenario

SUFFIX = ".scenario.toml"


def load_scenario(path: Path) -> Scenario:
    """Read and check one file. Raises ConfigError naming field, value and fix."""
    return _located(load_config(path, Scenario), path)


def load_folder(folder: Path) -> list[tuple[Path, Scenario]]:
    """All scenarios below a folder, by path. Raises ConfigError: one is wrong, two share a name, none is there."""
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    if not paths:
        raise ConfigError(str(folder), [Problem("(folder)", str(folder), f"holds no file named *{SUFFIX}")])
    loaded = [(path, load_scenario(path)) for path in paths]
    first: dict[str, Path] = {}
    for path, scenario in loaded:
        other = first.setdefault(scenario.name, path)
        if other != path:
            raise ConfigError(str(path), [Problem("name", scenario.name, f"{other} has it too; rename one")])
    return loaded


def to_toml(scenario: Scenario) -> str:
    """The file's text; what has its default value is left out."""
    content = scenario.model_dump(by_alias=True, exclude_defaults=True, exclude_none=True)
    return tomli_w.dumps({"format": FORMAT, **{key: _plain(value) for key, value in content.items()}})


def save_scenario(scenario: Scenario, folder: Path) -> Path:
    """Write ``{name}.scenario.toml`` into a folder, and its pictures beside it, so that the folder can be moved.

    Raises ValueError for a picture that cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scenario.name}{SUFFIX}"
    path.write_text(to_toml(_gathered(scenario, folder)), encoding="utf-8")
    return path


def _gathered(scenario: Scenario, folder: Path) -> Scenario:
    actors = tuple(
        actor
        if actor.picture is None
        else actor.model_copy(update={"picture": _beside(actor.picture, folder, f"cutout-{actor.id}")})
        for actor in scenario.actors
    )
    scenery = scenario.scenery
    if scenery.background is not None:
        scenery = scenery.model_copy(update={"background": _beside(scenery.background, folder, "background")})
    return scenario.model_copy(update={"actors": actors, "scenery": scenery})


def _beside(picture: Path, folder: Path, stem: str) -> Path:
    kept = folder / f"{stem}{picture.suffix}"
    if picture.resolve() != kept.resolve():
        try:
            shutil.copyfile(picture, kept)
        except OSError as error:
            raise ValueError(f"picture {picture}: cannot be read; give a PNG file that exists") from error
    return Path(kept.name)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return value


def _located(scenario: Scenario, path: Path) -> Scenario:
    """Pictures named in a file lie beside it."""
    folder = path.resolve().parent
    actors = tuple(
        actor if actor.picture is None else actor.model_copy(update={"picture": folder / actor.picture})
        for actor in scenario.actors
    )
    scenery = scenario.scenery
    if scenery.background is not None:
        scenery = scenery.model_copy(update={"background": folder / scenery.background})
    return scenario.model_copy(update={"actors": actors, "scenery": scenery})
