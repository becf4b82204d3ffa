"""Runs Blender's program on a job and follows its progress."""

from __future__ import annotations

import os
import subprocess
from collections import deque
from collections.abc import Callable
from pathlib import Path

_SAYS = "kerbwatch-frame "
_LAST_WORDS = 12


class PrettyError(Exception):
    """Blender is not there or could not draw."""


def require_blender(python: str) -> None:
    """Raises PrettyError unless the interpreter ``python`` can import ``bpy``."""
    look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('bpy') is None)"
    try:
        found = (
            subprocess.run(  # noqa: S603 - the interpreter the user named
                [python, "-c", look], check=False, capture_output=True, timeout=60
            ).returncode
            == 0
        )
    except OSError as error:
        raise PrettyError(f"{python} cannot be run: {error}") from error
    if not found:
        raise PrettyError(
            f"{python} cannot import bpy (Blender as a Python module, 400 MB): pip install 'kerbwatch[pretty]', or "
            "install bpy into an environment of its own and name its interpreter with --blender-python"
        )


def draw(job: Path, python: str, progress: Callable[[int, int], None] | None = None) -> None:
    """Draws the frames of a job that are missing. Raises PrettyError with Blender's last words if it fails."""
    require_blender(python)
    here = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(filter(None, [str(here), os.environ.get("PYTHONPATH")]))
    command = [python, "-W", "ignore", "-m", "scenarios.pretty.blender", str(job.resolve())]
    last: deque[str] = deque(maxlen=_LAST_WORDS)
    with subprocess.Popen(  # noqa: S603 - our own program in the interpreter the user named
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONPATH": path},
    ) as blender:
        assert blender.stdout is not None
        for line in blender.stdout:
            if not line.startswith(_SAYS):
                last.append(line.rstrip())
            elif progress is not None:
                done, of = line[len(_SAYS) :].split()
                progress(int(done), int(of))
    if blender.returncode != 0:
        raise PrettyError(f"Blender ended with code {blender.returncode}:\n" + "\n".join(last))
