"""Makes the network that a run starts from."""

from __future__ import annotations

from pathlib import Path

import torch

from models.training.folder import CLASSES
from models.training.initial import load_graph, restore_normalisation, with_our_classes
from models.training.loop import averaged
from models.training.mix import Mix
from models.training.network import Network
from models.training.recipe import Recipe

_CALIBRATION_PICTURES = 128


def starting_network(recipe: Recipe, datasets: Path, initial: Path | None) -> Network:
    """A network from an earlier run's checkpoint (.pt), from an ONNX file, or (None) from scratch.

    The file is YOLOX-nano's with the 80 classes of COCO, or one exported here with ours: so weights that ship can be
    trained on. Its network is calibrated on the run's own pictures. From scratch nothing may be frozen, so
    the recipe must say `frozen = []` then; ValueError otherwise.
    """
    torch.manual_seed(recipe.seed)
    if initial is None:
        if recipe.frozen:
            raise ValueError(
                f"frozen = {list(recipe.frozen)}: untrained layers cannot stay frozen; set frozen = []"
            )
        return Network(len(CLASSES))
    if initial.suffix == ".pt":
        return averaged(initial)
    network = load_graph(initial)
    folders = {datasets / name: share for name, share in recipe.folders.items()}
    size = (recipe.width, recipe.height)
    count = _CALIBRATION_PICTURES
    mix = Mix(folders, count, recipe.batch, size, recipe.augment, recipe.seed, plain_from=count)
    pictures = torch.stack([mix[index][0] for index in range(count)])
    restore_normalisation(network, list(pictures.split(recipe.batch)))
    return network if network.classes == len(CLASSES) else with_our_classes(network)
