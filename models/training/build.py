"""Builds all real and composite data-set folders from the data folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from rich.progress import Progress

from models.training.compose import compose_folder
from models.training.cutout import cut_bags
from models.training.folder import LabelError, pictures, read_folder
from models.training.hand_labels import import_rubbish
from models.training.reference import COCO_TO_OURS, omz, yolox
from models.training.select import has_stall, pick, umbrella_without_stall
from models.training.sources import import_all
from models.training.teacher import PAVEMENT, STREET, Trust, pseudo_label

_TEACHER = "weights/omz/person-vehicle-bike-detection-2003/person-vehicle-bike-detection-2003.xml"
_SECOND_TEACHER = "weights/yolox_nano.onnx"
_RUBBISH, _PARASOLS = "garbage_amsterdam_unlabelled", "vehicles_dhaka/parasol_candidates.csv"
_NEEDED = ("vehicles_dhaka", "garbage_malta_bags", _RUBBISH, _PARASOLS, _TEACHER, _SECOND_TEACHER)
_ASKED = {
    "malta_val": PAVEMENT,
    "dhaka_val": STREET,
    "malta": PAVEMENT,
    "dhaka": STREET,
    "rubbish": PAVEMENT,
    "rubbish_val": PAVEMENT,
}
# Teachers half see vehicles in containers; an ignore region there would undo the hard negatives.
_TRUST = {"rubbish": Trust(ignore=0.35), "rubbish_val": Trust(ignore=0.35)}
_PICKED = ("stalls", "umbrellas")
# (bags from, streets from, composites into): what is measured on shares nothing with what is trained on.
_COMPOSED = (("malta", "dhaka", "composites"), ("malta_val", "dhaka_val", "composites_val"))


def build(
    data: Path, out: Path, composites: int, composites_val: int, seed: int, progress: Progress
) -> Iterator[str]:
    """Writes the folders and yields a line on each; raises LabelError for broken or already present sets."""
    folders = (*_ASKED, *_PICKED, *(into for _, _, into in _COMPOSED))
    present = [name for name in folders if (out / name).exists()]
    if present:
        raise LabelError(f"{out}: {', '.join(present)} exist already; remove them or give another --out")
    if missing := [name for name in _NEEDED if not (data / name).exists()]:
        raise LabelError(f"{data}: lacks {', '.join(missing)}; give the folder that holds them as --data")
    for name, count in import_all(data, out).items():
        yield f"{name}: {count} pictures"
    for name, count in import_rubbish(data / _RUBBISH, out):
        yield f"{name}: {count} pictures"
    teachers = [omz(data / _TEACHER), yolox(data / _SECOND_TEACHER, COCO_TO_OURS)]
    for name, asked in _ASKED.items():
        tick = _ticker(progress, name, len(pictures(out / name / "images")))
        labels, doubts = pseudo_label(out / name, teachers, asked, _TRUST.get(name), tick)
        yield f"{name}: {labels} pseudo-labels, {doubts} ignore regions"
    for name, wanted in zip(_PICKED, (has_stall, umbrella_without_stall(data / _PARASOLS)), strict=True):
        yield f"{name}: {pick(out / 'dhaka', out / name, wanted)} pictures of dhaka"
    counts = (composites, composites_val)
    for index, ((bags, streets, into), count) in enumerate(zip(_COMPOSED, counts, strict=True)):
        cuts = cut_bags(read_folder(out / bags))
        if not cuts:
            raise LabelError(f"{out / bags}: no bag could be cut out; composites need some")
        tick = _ticker(progress, into, count)
        made = compose_folder(read_folder(out / streets), cuts, out / into, count, seed + index, tick)
        yield f"{into}: {made} composites of {len(cuts)} cut-outs"


def _ticker(progress: Progress, name: str, total: int) -> Callable[[], None]:
    task = progress.add_task(name, total=total)
    return lambda: progress.advance(task)
