"""What can go wrong with a model before it looks at its first picture."""

from __future__ import annotations


class ModelError(Exception):
    """Base of everything that keeps a model from being used. The message names field, value and fix."""


class CardInvalid(ModelError):  # noqa: N818 - reads as a statement, like its siblings
    """The card is not TOML, or says something that no detector could honour."""


class ModelNotFound(ModelError):  # noqa: N818
    """No such card, or the card's weights are not where they should be."""


class ChecksumMismatch(ModelError):  # noqa: N818
    """The weights are not the ones that the card describes."""
