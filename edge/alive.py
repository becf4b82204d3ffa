"""A file that says that the node makes progress, for watchers that cannot be told (containers)."""

from __future__ import annotations

from pathlib import Path

FRESH_S = 60.0


def alive_file(data_dir: Path) -> Path:
    """Where it lies."""
    return data_dir / "node.alive"


def say_alive(path: Path, steady_s: float) -> None:
    """Write the steady clock's reading. On the same machine it tells how long ago that was, whatever the time is."""
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(f"{steady_s:.1f}\n", encoding="ascii")
    partial.replace(path)


def is_alive(path: Path, steady_s: float) -> bool:
    """Whether it was written within the last :data:`FRESH_S` seconds of this boot."""
    try:
        written_s = float(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    return 0.0 <= steady_s - written_s <= FRESH_S
