"""Writes the card of exported weights as TOML (form: `models.card`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from models.card_figures import Figure
from models.training.boxes import PAD_VALUE, STRIDES
from models.training.folder import CLASSES
from models.training.recipe import Recipe
from models.training.reference import STALL

_NMS_IOU = 0.5

OURS = "yolox_nano.onnx"
"""The file that our own weights started from."""
_MADE_HERE = "Apache-2.0 (this project)"
_STREETS = (
    "vehicles_dhaka (Dhaka-AI road vehicles, from FRYEL/Autonome-Fahrzeugszenen-Segmentierung): vehicles, two-wheelers,"
    " goods carts; stalls labelled by hand by this project (models/training/labels/stalls.csv)",
    "vehicles_dhaka: MIT as published, licence of the upstream Kaggle set not verified",
)
_BAGS = (
    "garbage_malta_bags (SaulVas/ARI3129): garbage bags; also cut out and set into the street pictures",
    "garbage_malta_bags: university project, licence not stated",
)
_TEACHERS = (
    "Persons in both: pseudo-labels by Intel Open Model Zoo person-vehicle-bike-detection-2003 and YOLOX-nano",
    "Open Model Zoo teacher: Apache-2.0 (Intel)",
)
_RENDERED = (
    "Rendered street scenes of this project (scenarios/)",
    f"Rendered scenes and hand-made labels: {_MADE_HERE}",
)
_RUBBISH = (
    "garbage_amsterdam (maartensukel/garbage-object-detection): photos of collection points, boxes and"
    " clean photos marked by eye by this project (models/training/labels/rubbish.csv)",
    "garbage_amsterdam: MIT; the boxes Apache-2.0 (this project)",
)
_START = (
    "Starting weights: YOLOX-nano (COCO) by Megvii, Apache-2.0; backbone, neck and head fine-tuned from it",
    "YOLOX-nano: Apache-2.0 (Megvii)",
)
_FOLDERS = (  # which of our folders come from which sources, in the order in which a card names them
    (frozenset({"dhaka", "composites", "stalls", "umbrellas"}), _STREETS),
    (frozenset({"malta", "composites"}), _BAGS),
    (frozenset({"dhaka", "malta", "composites", "rubbish"}), _TEACHERS),
    (frozenset({"rendered", "rendered_2500", "families"}), _RENDERED),
    (frozenset({"rubbish"}), _RUBBISH),
)
_KNOWN = frozenset[str]().union(*(names for names, _ in _FOLDERS))
NOTES = (
    "Fine-tuned from Megvii's YOLOX-nano (Apache-2.0) by this project's own plain-torch code; no ultralytics code"
    " or weights were used. Weights trained through the optional ultralytics extra would fall under AGPL-3.0;"
    " these do not. Figures on rendered and composite pictures are reported apart and say little about real"
    " streets. Real stalls are known only as goods carts and parasols from one city; persons were never labelled"
    " by hand."
)
BAGS_ONLY = " Garbage is known as bags, hardly as loose heaps."
HEAPS_TOO = " Loose garbage is known from some eighty photos of one city's collection points."
EXPERIMENTAL = (CLASSES[STALL],)  # too few real labels to be relied on
_UNSTATED = "not stated: correct this line before you give the model to anybody"
ROBUSTNESS = ("docs/models.md: AP50 under blur, noise, darkness, compression and distance, in steps",)


@dataclass(frozen=True)
class CardFacts:
    """What is particular to one export."""

    name: str
    version: str
    weights: Path
    thresholds: Mapping[int, float]
    accuracy: Sequence[str]
    command: str
    size: tuple[int, int] | None = None  # width and height of the file's input; None: those of the last recipe
    eight_bits: bool = False  # quantised
    figures: Sequence[Figure] = ()
    started_from: str = OURS  # file name of the first run's initial weights; "none": from scratch


def _origins(facts: CardFacts, folders: Sequence[str]) -> list[tuple[str, str]]:
    """Source and licence of all that went in; of folders of somebody's own only that they did."""
    start = _START
    if facts.started_from != OURS:
        of = "nothing: trained from scratch" if facts.started_from == "none" else facts.started_from
        start = (f"Starting weights: {of}", f"Starting weights: as stated for {of}")
    ours = [origin for names, origin in _FOLDERS if names & set(folders)]
    own = [
        (f"Data-set folder {name!r} of whoever trained this", f"{name}: to be stated by whoever trained this")
        for name in folders
        if name not in _KNOWN
    ]
    return [start, *ours, *own]


def _settings(recipe: Recipe) -> list[str]:
    shares = ", ".join(f"{name} {share:g}" for name, share in recipe.folders.items())
    return [
        f"{recipe.steps} steps of {recipe.batch} pictures at {recipe.width}x{recipe.height}, seed {recipe.seed}",
        f"AdamW, rate {recipe.rate:g} (backbone {recipe.backbone_rate:g}), warm-up {recipe.warm_up} steps, constant,"
        f" over the last {recipe.decay_share:.0%} down to {recipe.final_rate_share:.0%}",
        f"weight decay {recipe.weight_decay:g}, averaged weights {recipe.average_decay:g}",
        f"frozen: {', '.join(recipe.frozen) or 'nothing'}; bfloat16 {'on' if recipe.bfloat16 else 'off'}",
        f"share of each batch: {shares}",
        f"augmentation: {recipe.augment.model_dump_json()}",
    ]


def _text(value: str) -> str:
    # A JSON string is a TOML basic string: the escapes JSON uses are a subset of TOML's.
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return "[\n" + "".join(f"  {_text(value)},\n" for value in values) + "]"


def figure_tables(figures: Sequence[Figure]) -> str:
    """The figures as TOML tables, to be put at a card's end."""
    parts = []
    for figure in figures:
        values = figure.model_dump(mode="json", by_alias=True, exclude_none=True)
        lines = (f"{key} = {_text(value) if isinstance(value, str) else value}" for key, value in values.items())
        parts.append("\n[[figures]]\n" + "\n".join(lines) + "\n")
    return "".join(parts)


def card_text(facts: CardFacts, recipes: Sequence[Recipe]) -> str:
    """The card as TOML. `recipes` are those of the runs in order.

    The input size is the last recipe's where `facts` names none.
    """
    recipe = recipes[-1]
    width, height = facts.size or (recipe.width, recipe.height)
    folders = list(dict.fromkeys(name for each in recipes for name in each.folders))
    origins = _origins(facts, folders)
    sources, licences = [origin[0] for origin in origins], [origin[1] for origin in origins]
    is_ours = _KNOWN.issuperset(folders) and facts.started_from == OURS
    notes = NOTES + (HEAPS_TOO if "rubbish" in folders else BAGS_ONLY) if is_ours else ""
    settings = [f"run {number}: {line}" for number, each in enumerate(recipes, 1) for line in _settings(each)]
    if facts.eight_bits:
        settings.append("convolutions in 8 bits (static, QDQ), ranges from pictures of the training folders")
    classes = "\n".join(f'{index} = "{kind.value}"' for index, kind in enumerate(CLASSES))
    limits = "\n".join(f"{CLASSES[kind].value} = {value:.2f}" for kind, value in facts.thresholds.items())
    return f"""\
# Written by `kerbwatch models export`; edit the code or the run, not this file.
name = {_text(facts.name)}
version = {_text(facts.version)}
file = {_text(facts.weights.name)}
sha256 = "{sha256(facts.weights.read_bytes()).hexdigest()}"
backends = ["onnxruntime", "openvino"]
experimental = {json.dumps([kind.value for kind in EXPERIMENTAL])}
robustness = {_list(ROBUSTNESS if is_ours else ())}

[input]
width = {width}
height = {height}
layout = "NCHW"
colour = "BGR"
scale = 1.0
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
resize = "letterbox"
pad_value = {PAD_VALUE}
pad_anchor = "top_left"

[output]
layout = "yolox"
strides = {list(STRIDES)}
decoded = false

[classes]
{classes}

[thresholds]
score = {max(facts.thresholds.values(), default=0.35):.2f}
nms_iou = {_NMS_IOU}

[thresholds.per_class]
{limits}

[provenance]
sources = {_list(sources)}
licences = {_list(licences)}
settings = {_list(settings)}
command = {_text(facts.command)}
accuracy = {_list(list(facts.accuracy))}
licence = {_text("Apache-2.0" if is_ours else _UNSTATED)}
notes = {_text(notes)}
data_sheets = {json.dumps(["docs/data-sheets.md"] if is_ours else [])}
{figure_tables(facts.figures)}"""
