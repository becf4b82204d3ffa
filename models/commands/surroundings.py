"""What the training commands share: the terminal, the check for their extra, the number of threads."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

TRAINING = Path(__file__).parents[1] / "training"
DEFAULT_RECIPE = TRAINING / "recipe.toml"


def console() -> Console:
    """A terminal that leaves long lines whole, so that they can be copied."""
    return Console(soft_wrap=True)


def checked_extra() -> None:
    """Raise ClickException where the extra `train` is not installed."""
    try:
        import onnx  # noqa: F401 - only its presence matters
        import torch  # noqa: F401
    except ImportError as error:
        raise click.ClickException(
            f"{error.name} is missing; install it: pip install 'kerbwatch[train]'"
        ) from None


def use_threads(count: int) -> None:
    """Let torch use `count` threads and OpenCV one."""
    import cv2
    import torch

    torch.set_num_threads(count)
    cv2.setNumThreads(1)
