"""From a recording to input: where the clips lie, whether they are the ones the truth was written for.

The clips are not part of the project. They are looked for in ``videos`` below the folder that ``KERBWATCH_FOOTAGE``
names, else below ``../shared/data`` beside a checkout.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import av

from scenarios.language.files import load_folder
from scenarios.language.scenario import Scenario
from scenarios.language.street import Footage
from scenarios.truth import Truth
from scenarios.world.truths import truth_of

ENVIRONMENT = "KERBWATCH_FOOTAGE"
_CHECKOUT = Path(__file__).resolve().parents[2]


class FootageError(Exception):
    """A recording that is not there or is another one; the message says what to do."""


def recorded_scenarios() -> list[Scenario]:
    """The recordings whose truth the project ships, by name."""
    return [scenario for _, scenario in load_folder(Path(__file__).resolve().parent)]


def footage_folder() -> Path:
    """Where recordings are looked for; it need not exist."""
    named = os.environ.get(ENVIRONMENT)
    return (Path(named) if named else _CHECKOUT.parent / "shared" / "data") / "videos"


def footage_file(footage: Footage) -> Path | None:
    """Where a recording lies, or none where it is absent.

    Raises:
        FootageError: The file there is another recording.
        OSError: It cannot be read.
    """
    path = footage_folder() / footage.file
    if not path.is_file():
        return None
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != footage.sha256:
        raise FootageError(
            f"{path} has sha256 {found}, the truth was written for {footage.sha256}; put that recording there"
        )
    return path


def make_recorded(scenario: Scenario, out_dir: Path) -> Truth:
    """Link a scenario's recordings into ``out_dir`` and write ``truth.json`` beside them.

    Raises:
        FootageError: A recording is absent or another one.
        ValueError: The scenario plays none.
        OSError: A file cannot be read or written.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    fps: dict[str, float] = {}
    videos: dict[str, str] = {}
    for camera in scenario.cameras:
        if camera.footage is None:
            raise ValueError(f"scenario {scenario.name!r}, camera {camera.name!r}: it plays no recording")
        path = footage_file(camera.footage)
        if path is None:
            raise FootageError(
                f"no {camera.footage.file} in {footage_folder()}; name the folder above it in {ENVIRONMENT}"
            )
        link = out_dir / camera.footage.file
        link.unlink(missing_ok=True)
        link.symlink_to(path.resolve())
        fps[camera.name], videos[camera.name] = _frame_rate(path), link.name
    truth = truth_of(scenario, "real", fps=fps, videos=videos)
    truth.save(out_dir / "truth.json")
    return truth


def _frame_rate(path: Path) -> float:
    with av.open(str(path)) as container:
        rate = container.streams.video[0].average_rate
    if not rate:
        raise FootageError(f"{path} states no frame rate; convert it to a constant one")
    return float(rate)
