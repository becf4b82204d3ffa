"""Each extra installs alone and carries only what its program needs."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
WEB_AND_DATABASE = {"fastapi", "starlette", "uvicorn", "nicegui", "sqlalchemy", "alembic", "influxdb-client"}
VISION = {"opencv-python-headless", "opencv-python", "onnxruntime", "openvino", "numpy", "av"}
TRAINING = {"torch", "torchvision", "ultralytics"}

LIST = """
import importlib.metadata, json, re
print(json.dumps([re.sub("[-_.]+", "-", d.metadata["Name"]).lower() for d in importlib.metadata.distributions()]))
"""


class Installed:
    """A fresh virtualenv with one extra of this checkout."""

    def __init__(self, directory: Path, extra: str) -> None:
        # The tests' own pip installs there and compiles nothing: a pip for each, and what nobody imports, took long.
        venv.create(directory, with_pip=False)
        self.python = directory / "bin" / "python"
        target = f"{ROOT}[{extra}]" if extra else str(ROOT)
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "--disable-pip-version-check"]
        command = [*pip, "install", "-q", "--no-compile"]
        subprocess.run([*command, "-c", ROOT / "constraints.txt", target], check=True)

    @property
    def distributions(self) -> set[str]:
        return set(json.loads(subprocess.check_output([self.python, "-c", LIST])))

    def kerbwatch(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-m", "kerbwatch", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=self.python.parent, check=False)


def test_edge_alone_has_no_web_framework_no_database_driver_and_no_torch(tmp_path: Path) -> None:
    installed = Installed(tmp_path / "edge", "edge")
    assert not installed.distributions & (WEB_AND_DATABASE | TRAINING)
    assert installed.kerbwatch("edge", "--help").returncode == 0
    refused = installed.kerbwatch("central", "--config", "x")
    assert refused.returncode != 0
    assert "kerbwatch[central]" in refused.stderr


def test_central_alone_has_no_opencv_no_inference_runtime_and_no_torch(tmp_path: Path) -> None:
    installed = Installed(tmp_path / "central", "central")
    assert not installed.distributions & (VISION | TRAINING)
    assert installed.kerbwatch("central", "--help").returncode == 0
    refused = installed.kerbwatch("edge", "--config", "x")
    assert refused.returncode != 0
    assert "kerbwatch[edge]" in refused.stderr


def test_the_base_alone_gives_the_command_line(tmp_path: Path) -> None:
    installed = Installed(tmp_path / "base", "")
    assert not installed.distributions & (WEB_AND_DATABASE | VISION | TRAINING)
    answer = installed.kerbwatch("--help")
    assert answer.returncode == 0, answer.stderr
    assert "kerbwatch demo" in answer.stdout
