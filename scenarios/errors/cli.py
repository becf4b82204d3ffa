"""``kerbwatch scenarios fit-errors``: measure a detector on the recordings and write its error profile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from detectors.runtime.opening import open_detector
from detectors.types import Detector, DetectorError
from ingest.clock import to_millis
from models.catalogue import ResolvedModel, resolve
from models.errors import ModelError, ModelNotFound
from scenarios.errors.fit import fit_profile, variant_names
from scenarios.errors.footage import CLIPS, FootageError, Recording, read_recording
from scenarios.errors.measure import Measured, measure
from scenarios.errors.profile import Clip, Provenance, save_profile

TEACHER = "omz-2003"
_NOTES = (
    "people and moving cars: true is what the teacher is sure of (score 0.5), linked in time; agreement, not accuracy",
    "parked vehicles of vtest.avi: marked by hand, their place the median of the teacher's finds",
    "two views of two streets by day: flicker and its places rest on them alone",
    "few vehicles: how far they differ from one another (spread) is taken from people, of whom there are many",
    "weather is imitated on these clips; see scenarios/errors/degrade.py",
)


@click.command("fit-errors")
@click.option(
    "--footage",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder with videos/ and weights/omz/.",
)
@click.option("--model", "name", default="kerbwatch-nano", show_default=True, help="Model of the catalogue.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Profile to write.")
@click.option("--threads", type=click.IntRange(1, 64), default=1, show_default=True)
def fit_errors(footage: Path, name: str, out: Path, threads: int) -> None:
    """Fit the error model of detections-only scenarios to a detector on real recordings."""
    try:
        model, teacher = _resolve(name, footage), _resolve(TEACHER, footage)
        recordings, measured = _look(footage / "videos", model, teacher, threads)
    except (FootageError, ModelError, DetectorError) as error:
        raise click.ClickException(str(error)) from error
    profile = fit_profile(name, measured, model.card, _provenance(model, teacher, recordings, measured))
    out.parent.mkdir(parents=True, exist_ok=True)
    save_profile(profile, out)
    click.echo(f"{out}: {measured.total_looks} looks, {len(measured.sequences)} sequences")


def _resolve(name: str, footage: Path) -> ResolvedModel:
    """The model with its shipped weights, else with those of the footage folder."""
    try:
        return resolve(name)
    except ModelNotFound:
        folders = [*sorted((footage / "weights").glob("omz/*")), footage / "weights"]
        for folder in folders:
            try:
                return resolve(name, weights=folder)
            except ModelNotFound:
                continue
        raise


def _look(
    videos: Path, model: ResolvedModel, teacher: ResolvedModel, threads: int
) -> tuple[list[Recording], Measured]:
    looking = _open(teacher, threads)
    try:
        recordings = [read_recording(videos, clip, looking) for clip in CLIPS]
    finally:
        looking.close()
    detector = _open(model, threads)
    try:
        return recordings, measure(recordings, detector, lambda variant: click.echo(variant, err=True))
    finally:
        detector.close()


def _open(model: ResolvedModel, threads: int) -> Detector:
    return open_detector(model, threads=threads)


def _provenance(
    model: ResolvedModel, teacher: ResolvedModel, recordings: list[Recording], measured: Measured
) -> Provenance:
    card = model.card
    return Provenance(
        detector=card.name,
        version=card.version,
        weights_sha256=card.sha256,
        input_px=(card.input.width, card.input.height),
        stretched=card.input.resize == "stretch",
        thresholds={kind: card.thresholds.of(kind) for kind in sorted(set(card.classes.values()))},
        teacher=teacher.card.name,
        teacher_sha256=teacher.card.sha256,
        clips=tuple(Clip(file=item.path.name, sha256=item.sha256, looks=item.looks) for item in recordings),
        variants=variant_names(measured),
        looks=measured.total_looks,
        command=f"kerbwatch scenarios fit-errors --footage DATA --model {card.name} --out FILE",
        fitted_at=to_millis(datetime.now(UTC)),
        notes=_NOTES,
    )
