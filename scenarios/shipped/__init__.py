"""The clips that come with the project: two drawn streets, their scenarios and what is true of them.

They were made from the scenario files here by ``kerbwatch scenarios make FILE --tier rendered --pretty``.
"""

from __future__ import annotations

from pathlib import Path

from scenarios.truth import Truth

CLIPS = ("junction", "market")


def shipped() -> list[tuple[Path, Truth]]:
    """Folder and truth of each clip; the folder holds the videos that the truth names. Raises OSError where the
    package was installed without them."""
    here = Path(__file__).resolve().parent
    return [(here / name, Truth.load(here / name / "truth.json")) for name in CLIPS]
