"""The training run: warm-up and cosine rate, averaged weights, checkpoints, resume."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import nn
from torch.utils.data import DataLoader

from models.training.folder import CLASSES
from models.training.loss import Losses, Target, detection_loss
from models.training.mix import Mix, collate
from models.training.network import Network
from models.training.recipe import Recipe

_CHECKPOINT_FORMAT = 1


class CheckpointError(ValueError):
    """A checkpoint that this run cannot continue from."""


@dataclass(frozen=True)
class Report:
    """What a run tells after each step."""

    step: int
    losses: Losses
    rate_share: float


def decay_start(recipe: Recipe) -> int:
    """The first step of the run's last part, in which the rate falls."""
    return int(recipe.steps * (1 - recipe.decay_share))


def _plain_start(recipe: Recipe) -> int:
    return int(recipe.steps * (1 - recipe.plain_share))


def rate_share(step: int, recipe: Recipe) -> float:
    """The rate at a step as a share of the full rate: linear warm-up, constant, half a cosine down.

    Until the decay starts nothing depends on the number of steps, so a run may be made longer or shorter
    while it is still there.
    """
    if step < recipe.warm_up:
        return (step + 1) / recipe.warm_up
    start = decay_start(recipe)
    if step < start:
        return 1.0
    done = (step - start) / max(recipe.steps - start, 1)
    low = recipe.final_rate_share
    return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def freeze(network: Network, prefixes: tuple[str, ...]) -> None:
    """Training mode, except that the layers named by `prefixes` keep weights and statistics.

    Raises ValueError for a prefix that names no layer.
    """
    network.train()
    for prefix in prefixes:
        layers = dict(network.named_modules())
        if prefix not in layers:
            raise ValueError(f"frozen = {prefix!r}: no such layer; the network has {sorted(layers)[1:6]}...")
        layers[prefix].eval().requires_grad_(False)


class Average:
    """Exponential moving average of a network's weights; young averages follow faster."""

    def __init__(self, network: Network, decay: float) -> None:
        self.network = copy.deepcopy(network).eval()
        self.decay = decay

    def update(self, network: Network, step: int) -> None:
        keep = min(self.decay, (1 + step) / (10 + step))
        current = network.state_dict()
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(current[name], 1 - keep)
                else:
                    value.copy_(current[name])


def optimiser(network: Network, recipe: Recipe) -> torch.optim.AdamW:
    """AdamW with a slower backbone and no decay on normalisations and biases."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, value in network.named_parameters():
        if not value.requires_grad:
            continue
        groups.setdefault((name.startswith("backbone."), value.ndim > 1), []).append(value)
    return torch.optim.AdamW(
        [
            {
                "params": values,
                "full_rate": recipe.backbone_rate if backbone else recipe.rate,
                "weight_decay": recipe.weight_decay if decayed else 0.0,
            }
            for (backbone, decayed), values in groups.items()
        ],
        lr=recipe.rate,
    )


def best_device() -> torch.device:
    """The graphics card where torch can use one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def computes_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 saves time there. A processor without it emulates it, at a tenth of the speed of float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


class Run:
    """One training run in a folder. `advance` trains to the end and calls back after every step.

    A checkpoint made on one `device` goes on on any other.
    """

    def __init__(self, network: Network, recipe: Recipe, folder: Path, device: torch.device | None = None) -> None:
        self.device = device or best_device()
        self.network = network.to(self.device, memory_format=torch.channels_last)
        self.recipe, self.folder, self.step = recipe, folder, 0
        self._bfloat16 = recipe.bfloat16 and computes_bfloat16(self.device)
        freeze(self.network, recipe.frozen)
        self.average = Average(self.network, recipe.average_decay)
        self.optimiser = optimiser(self.network, recipe)
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "last.pt"

    def resume(self) -> None:
        """Continues from the folder's checkpoint.

        Raises CheckpointError for another format or recipe; only `steps` may differ, and only while the
        decay has begun under neither number.
        """
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        if state["format"] != _CHECKPOINT_FORMAT:
            raise CheckpointError(
                f"{self.checkpoint}: format {state['format']}, this code reads {_CHECKPOINT_FORMAT}"
            )
        before = Recipe.model_validate_json(state["recipe"])
        early = int(state["step"]) <= min(decay_start(before), decay_start(self.recipe))
        if before != (self.recipe.model_copy(update={"steps": before.steps}) if early else self.recipe):
            raise CheckpointError(f"{self.checkpoint}: made with other settings; use them or another --out")
        self.network.load_state_dict(state["network"])
        self.average.network.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])

    def save(self) -> None:
        """Writes the checkpoint; a crash while writing leaves the previous one."""
        state = {
            "format": _CHECKPOINT_FORMAT,
            "recipe": self.recipe.model_dump_json(),
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
        }
        fresh = self.checkpoint.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.checkpoint)

    def advance(self, datasets: Path, told: Callable[[Report], None], workers: int = 1) -> None:
        """Trains from the current step to the recipe's last one."""
        recipe = self.recipe
        mix = Mix(
            {datasets / name: share for name, share in recipe.folders.items()},
            recipe.steps * recipe.batch,
            recipe.batch,
            (recipe.width, recipe.height),
            recipe.augment,
            recipe.seed,
            plain_from=_plain_start(recipe) * recipe.batch,
        )
        rest = range(self.step * recipe.batch, recipe.steps * recipe.batch)
        loader = DataLoader(
            mix,
            recipe.batch,
            sampler=rest,
            num_workers=workers,
            collate_fn=collate,
            worker_init_fn=lambda _: cv2.setNumThreads(1),
        )
        for pictures, targets in loader:
            losses = self._one_step(pictures.to(self.device), [on(target, self.device) for target in targets])
            told(Report(self.step, losses, rate_share(self.step, recipe)))
            self.step += 1
            if self.step % recipe.save_every == 0 or self.step == recipe.steps:
                self.save()

    def _one_step(self, pictures: torch.Tensor, targets: list[Target]) -> Losses:
        recipe = self.recipe
        share = rate_share(self.step, recipe)
        for group in self.optimiser.param_groups:
            group["lr"] = group["full_rate"] * share
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._bfloat16):
            raw = self.network(pictures.contiguous(memory_format=torch.channels_last))
        late = self.step >= _plain_start(recipe)
        losses = detection_loss(raw.float(), targets, recipe.height, recipe.width, distance=late)
        if not torch.isfinite(losses.total):
            raise FloatingPointError(f"the loss is not finite at step {self.step}; lower `rate` in the recipe")
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), recipe.clip)
        self.optimiser.step()
        self.average.update(self.network, self.step)
        return losses


def on(target: Target, device: torch.device) -> Target:
    """What a picture shows, where the network is."""
    return Target(target.boxes.to(device), target.kinds.to(device), target.ignore.to(device))


def recipe_of(checkpoint: Path) -> Recipe:
    """The settings that a checkpoint was made with. Raises CheckpointError where it is none of ours."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    if not isinstance(state, dict) or state.get("format") != _CHECKPOINT_FORMAT:
        raise CheckpointError(f"{checkpoint}: is no checkpoint of this code; give the folder of a run")
    return Recipe.model_validate_json(state["recipe"])


def averaged(checkpoint: Path) -> Network:
    """The averaged network of a checkpoint."""
    network = Network(len(CLASSES))
    network.load_state_dict(torch.load(checkpoint, map_location="cpu", weights_only=True)["average"])
    network.eval()
    return network
