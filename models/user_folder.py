"""Where a user's own models lie: one folder per model, named like it, with `card.toml` and the weights inside."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from models.errors import FolderUnusable

FOLDER_VARIABLE = "KERBWATCH_MODELS"
CARD_FILE = "card.toml"


def user_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """KERBWATCH_MODELS, else kerbwatch/models in XDG_DATA_HOME, else in ~/.local/share. It need not exist.

    A relative XDG_DATA_HOME is ignored, as its specification asks.
    """
    if named := environment.get(FOLDER_VARIABLE):
        return Path(named).absolute()
    data = environment.get("XDG_DATA_HOME", "")
    base = Path(data) if data.startswith("/") else Path(environment.get("HOME", "/")) / ".local" / "share"
    return base / "kerbwatch" / "models"


def cards_below(folder: Path) -> list[Path]:
    """The cards of all models in a user's folder, by name; what begins with a dot is being made or fetched.

    A folder that is not there holds none. Raises FolderUnusable for one that cannot be read.
    """
    try:
        return [entry / CARD_FILE for entry in sorted(folder.iterdir()) if _is_model(entry)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FolderUnusable(
            f"the folder of your models, {folder}: {error.strerror}; correct its permissions, or name another in"
            f" {FOLDER_VARIABLE}"
        ) from error


def own_cards(folder: Path | None) -> list[Path]:
    """`cards_below` of a folder or, where none is named, of `user_folder()`.

    A home that may not be read, as of a service started under another's, counts as empty: nobody asked for it.
    """
    if folder is not None or os.environ.get(FOLDER_VARIABLE):
        return cards_below(folder or user_folder())
    try:
        return cards_below(user_folder())
    except FolderUnusable:
        return []


def _is_model(entry: Path) -> bool:
    return not entry.name.startswith(".") and (entry / CARD_FILE).exists()
