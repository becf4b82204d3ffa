"""The command with doubles, as a program of its own: ``python -m tests.scenarios.evaluation.program OPTIONS``."""

from __future__ import annotations

import dataclasses

from scenarios.evaluation import cli, keys
from scenarios.evaluation.steps import score_folder
from tests.scenarios.evaluation.doubles import STEPS

if __name__ == "__main__":
    keys.profile_sha256 = lambda name: name  # type: ignore[assignment]  # a plain function serves
    cli.profile_sha256 = keys.profile_sha256
    cli.real_steps = lambda: dataclasses.replace(STEPS, score=score_folder)
    cli.evaluate()
