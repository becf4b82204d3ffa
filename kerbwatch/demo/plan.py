"""What the demo consists of: two clips with their truth, two node configurations, one centre configuration.

Everything lands in one folder as ordinary files, so that a reader can take them as a start for her own.
"""

from __future__ import annotations

import signal
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ingest.taxonomy import Category
from kerbwatch.camera_setup.toml import write_toml
from kerbwatch.demo.verdict import TrueProblem
from scenarios.clips import Clip, make_clip
from scenarios.plan import View
from scenarios.running.zone_table import zone_table
from scenarios.truth import Truth

SITE = "demo"
START_AT = "2026-01-31T08:00:00Z"
"""Media time of the clips' first frame when they are played at full speed."""

CAMERAS: dict[str, View] = {"north-junction": "junction", "market-street": "market"}
"""Node name -> view of the rendered street; each node has one camera, named after the view."""


@dataclass(frozen=True)
class DemoNode:
    """One node of the demo."""

    name: str
    camera: str
    config: Path
    truth: Truth


@dataclass(frozen=True)
class DemoPlan:
    """The demo as files. ``problems`` is the truth of all clips together."""

    directory: Path
    central_config: Path
    url: str
    nodes: tuple[DemoNode, ...]

    @property
    def problems(self) -> tuple[TrueProblem, ...]:
        return tuple(
            TrueProblem(
                node.name, node.camera, problem.id, Category(problem.category.value), seen.box, problem.start_s
            )
            for node in self.nodes
            for problem in node.truth.problems
            for seen in problem.seen
        )


def make_clips(seed: int, directory: Path) -> dict[View, Clip]:
    """Render the clips of ``seed``, one process each; view -> clip."""
    views = list(CAMERAS.values())
    # Fresh processes, because a terminal's spinner is a thread that a fork would copy in mid-step; and SIGINT
    # ends them at once and silently.
    with ProcessPoolExecutor(
        max_workers=len(views),
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_DFL),
    ) as pool:
        clips = pool.map(make_clip, [seed] * len(views), views, [directory / "clips"] * len(views))
        return dict(zip(views, clips, strict=True))


def write_plan(
    directory: Path,
    clips: dict[View, Clip],
    *,
    broker_port: int,
    http_port: int,
    start_at: str = START_AT,
    pace: str,
) -> DemoPlan:
    """Write the configurations. ``pace``: ``fast`` (as quick as the machine can) or ``realtime``."""
    central = directory / "central.toml"
    central.write_text(
        "# The demo's centre.\n"
        '[centre]\ndata_dir = "centre-data"\n\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {broker_port}\n\n'
        f'[http]\nhost = "127.0.0.1"\nport = {http_port}\n',
        encoding="utf-8",
    )
    url = f"http://127.0.0.1:{http_port}"
    nodes = []
    for name, view in CAMERAS.items():
        clip = clips[view]
        config = directory / f"{name}.toml"
        config.write_text(
            _node_toml(name, view, clip, broker_port, url, start_at=start_at, pace=pace), encoding="utf-8"
        )
        nodes.append(DemoNode(name, view, config, clip.truth))
    return DemoPlan(directory, central, url, tuple(nodes))


def _node_toml(name: str, camera: str, clip: Clip, broker_port: int, url: str, *, start_at: str, pace: str) -> str:
    told = {"camera": [{"zone": [zone_table(zone.told) for zone in clip.truth.camera.zones]}]}
    zones = write_toml(told).removeprefix("[[camera]]\n")
    return f"""\
# A demo node. Replace "source" by your camera's address and draw your own zones: kerbwatch camera setup ADDRESS
[node]
site = "{SITE}"
name = "{name}"
data_dir = "{name}-data"

[mqtt]
host = "127.0.0.1"
port = {broker_port}

[centre]
url = "{url}"

[detector]
model = "kerbwatch-nano"

[[camera]]
name = "{camera}"
source = "clips/{clip.video.name}"
clock = "media"
start_at = {start_at}
pace = "{pace}"
look_interval_s = 1.0
static_objects = false
{zones}"""
