"""Every runtime dependency has a wheel for 64-bit ARM, and the committed list is about today's pins."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_arm64", ROOT / "deploy" / "check_arm64.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_list_of_wheels_is_about_the_pinned_versions() -> None:
    check = script()
    seen = check.listed(check.LIST.read_text())
    constraints = check.pins((ROOT / "constraints.txt").read_text())
    assert check.stale(constraints, seen) == [], "run python deploy/check_arm64.py and commit its list"


def test_every_direct_runtime_dependency_is_on_the_list() -> None:
    check = script()
    seen = check.listed(check.LIST.read_text())
    named = [
        check.normal(item.split(">")[0].split("=")[0].split("[")[0])
        for item in check.wanted(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    ]
    assert [name for name in named if name not in seen] == []


def test_compiled_packages_have_arm_wheels_and_the_others_run_anywhere() -> None:
    check = script()
    rows = [line.split() for line in check.LIST.read_text().splitlines() if not line.startswith("#")]
    assert len(rows) > 30
    assert all(file.endswith((".whl",)) for _, _, file in rows)
    assert [file for _, _, file in rows if "aarch64" not in file and "-any." not in file] == []


def test_a_pin_that_moved_on_is_told() -> None:
    check = script()
    assert check.stale({"numpy": "2.0"}, {"numpy": "1.0"}) == ["numpy: pinned 2.0, a wheel was seen of 1.0"]
