"""Whether every runtime dependency has a wheel for 64-bit ARM: asks the package index for each pin of constraints.txt.

    python deploy/check_arm64.py                      write deploy/arm64-wheels.txt
    python deploy/check_arm64.py --check              only compare the committed list with constraints.txt (no network)

The list is what was seen; ``tests/packaging/test_arm64.py`` fails when a pin has moved on without it.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "deploy" / "arm64-wheels.txt"
PYTHON = "3.12"
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux_2_17_aarch64", "manylinux2014_aarch64")
"""Debian 12, Ubuntu 20.04 and newer, Raspberry Pi OS 12 take all of these (glibc 2.28 or newer)."""
RUNTIME_EXTRAS = ("edge", "central")


def normal(name: str) -> str:
    """A package's name as the index spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    """Name -> version of a constraints file."""
    found = {}
    for line in text.splitlines():
        name, _, version = line.partition("==")
        if version and not line.startswith("#"):
            found[normal(name.strip())] = version.strip()
    return found


def wanted(project: dict[str, object]) -> list[str]:
    """What the two programs ask for, directly."""
    table = project["project"]
    assert isinstance(table, dict)
    extras = table["optional-dependencies"]
    return [*table["dependencies"], *(item for extra in RUNTIME_EXTRAS for item in extras[extra])]


def listed(text: str) -> dict[str, str]:
    """Name -> version of the committed list."""
    rows = (line.split() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name: version for name, version, *_ in rows}


def stale(constraints: dict[str, str], seen: dict[str, str]) -> list[str]:
    """What the list says of another version than the one that is pinned."""
    return [
        f"{name}: pinned {constraints.get(name, 'not at all')}, a wheel was seen of {version}"
        for name, version in sorted(seen.items())
        if constraints.get(name) != version
    ]


def resolve(requirements: Iterable[str]) -> list[tuple[str, str, str]]:
    """Name, version and wheel of all an ARM64 box would install; CalledProcessError where one is missing."""
    platforms = [option for platform in PLATFORMS for option in ("--platform", platform)]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed"]
        command += ["--only-binary=:all:", "--python-version", PYTHON, "--implementation", "cp", *platforms]
        command += ["--target", folder, "--report", str(report), "--constraint", str(ROOT / "constraints.txt")]
        subprocess.run([*command, *requirements], check=True)  # noqa: S603 - our own arguments
        told = json.loads(report.read_text(encoding="utf-8"))
    rows = []
    for item in told["install"]:
        file = item["download_info"]["url"].rsplit("/", 1)[-1]
        rows.append((normal(item["metadata"]["name"]), item["metadata"]["version"], file))
    return sorted(rows)


def main() -> int:
    """Exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    constraints = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    if not parser.parse_args().check:
        rows = resolve(wanted(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))))
        head = (
            f"# Wheels for 64-bit ARM, CPython {PYTHON}, as seen by deploy/check_arm64.py: name, version, file.\n"
        )
        LIST.write_text(head + "".join(f"{' '.join(row)}\n" for row in rows), encoding="utf-8")
    problems = stale(constraints, listed(LIST.read_text(encoding="utf-8")))
    sys.stdout.write("".join(f"{line}\n" for line in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
