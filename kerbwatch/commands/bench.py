"""``kerbwatch bench``: what parts of the node cost and save on this machine, on your own videos."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from detectors.attention.settings import AttentionSettings, TileChoice
from detectors.runtime import open_detector
from detectors.types import DetectorError
from edge.config import DEFAULT_MODEL, CameraSection, load_node_config
from ingest.cameras import SourceError
from models.catalogue import resolve
from models.errors import ModelError
from scenarios.benches.attention import Measured, camera_of_video, cameras_of_truth, measure
from scenarios.shipped import shipped

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bench() -> None:
    """Measure what parts of a node cost and save on this machine.

    \b
    Example:
      kerbwatch bench attention
    """


@bench.command()
@click.argument("videos", nargs=-1, type=_FILE, metavar="[VIDEO]...")
@click.option("--node", "node_file", type=_FILE, help="Measure the file cameras of a node file, with their zones.")
@click.option(
    "--model", default=DEFAULT_MODEL, show_default=True, help="Name in the catalogue, or a card (.toml)."
)
@click.option("--weights", type=_FILE, help="Weights of a model that is not shipped.")
@click.option(
    "--look-interval", type=click.FloatRange(0.04, 3600), default=1.0, show_default=True, help="Seconds."
)
@click.option("--sweep", type=click.FloatRange(1, 3600), default=30.0, show_default=True, help="Seconds.")
@click.option("--dwell", type=click.FloatRange(1), default=20.0, show_default=True, help="Seconds, of all rules.")
@click.option("--tiles", type=click.Choice(["auto", "off"]), default="off", show_default=True)
@click.option(
    "--zone",
    type=(float, float, float, float),
    default=(0.0, 0.0, 1.0, 1.0),
    metavar="X1 Y1 X2 Y2",
    help="What is watched in VIDEOs, fractions of the frame. Default: all of it.",
)
def attention(
    videos: tuple[Path, ...],
    node_file: Path | None,
    model: str,
    weights: Path | None,
    look_interval: float,
    sweep: float,
    dwell: float,
    tiles: str,
    zone: tuple[float, float, float, float],
) -> None:
    """Looks with and without attention, in one run: share without inference, time, and whether incidents agree.

    Without VIDEO and --node the shipped clips are played. Exit code: 1 where incidents differ.

    \b
    Examples:
      kerbwatch bench attention
      kerbwatch bench attention night.mp4 --zone 0.1 0.5 0.6 1.0 --look-interval 2
      kerbwatch bench attention --node node.toml
    """
    if videos and node_file is not None:
        raise click.UsageError("VIDEO and --node exclude each other: give one of them")
    settings = AttentionSettings(sweep_interval_s=sweep, tiles=cast(TileChoice, tiles))
    try:
        cameras = _cameras(videos, node_file, look_interval, dwell, zone)
        detector = open_detector(resolve(model, weights=weights))
        try:
            measured = [
                measure(camera, detector, camera.attention.settings() if node_file else settings)
                for camera in cameras
            ]
        finally:
            detector.close()
    except ValidationError as error:
        raise click.ClickException("; ".join(item["msg"] for item in error.errors())) from error
    except (ValueError, DetectorError, ModelError, SourceError) as error:
        raise click.ClickException(str(error)) from error
    Console(width=140).print(_table(measured))
    if not all(one.same_incidents for one in measured):
        raise SystemExit(1)


def _cameras(
    videos: tuple[Path, ...],
    node_file: Path | None,
    look_interval: float,
    dwell: float,
    zone: tuple[float, float, float, float],
) -> list[CameraSection]:
    if node_file is not None:
        return list(load_node_config(node_file).cameras)
    if videos:
        return [camera_of_video(v, zone=zone, look_interval_s=look_interval, dwell_s=dwell) for v in videos]
    return [camera for folder, truth in shipped() for camera in cameras_of_truth(truth, folder)]


def _table(measured: list[Measured]) -> Table:
    table = Table(
        "camera", "looks", "no inference", "partial", "tiles", "ms/camera-hour full", "gated", "cost", "incidents"
    )
    for one in measured:
        same = "same" if one.same_incidents else "DIFFER"
        table.add_row(
            one.camera,
            str(one.looks),
            f"{one.without_inference:.1%}",
            str(one.counters["looks_partial"]),
            str(one.counters["tiles_inferred"]),
            f"{one.ms_per_camera_hour(one.full):,.0f}",
            f"{one.ms_per_camera_hour(one.gated):,.0f}",
            f"{one.cost:.1%}",
            f"{same} ({len(one.full.incidents)} / {len(one.gated.incidents)})",
        )
    return table
