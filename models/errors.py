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


class ModelRefused(ModelError):  # noqa: N818
    """The files could do harm, or are not what they claim: links, outside data, far too large, code inside."""


class NameTaken(ModelError):  # noqa: N818
    """Another model has that name already."""


class TrialFailed(ModelError):  # noqa: N818
    """The weights do not open, or do not see what the card says, on the test picture."""


class BackendMissing(TrialFailed):
    """A backend that the card names is not installed on this machine."""


class FolderUnusable(ModelError):  # noqa: N818
    """The user's catalogue folder cannot be read or written."""
