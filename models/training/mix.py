"""The training stream: fixed shares of several data-set folders, every item a function of seed and index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from models.training.augment import Augment, Labelled, load, mosaic, place, random_view, spoil
from models.training.folder import Sample, read_folder
from models.training.loss import Target


class Mix(Dataset):  # type: ignore[misc]  # torch carries no usable types
    """Items of a run: `length` of them, item i drawn by a generator seeded with (seed, i).

    Slot k of a batch always draws from the same part of the cumulated shares, so each batch holds the
    folders in their shares. An item is (picture float [3, H, W] BGR 0-255, Target).
    """

    def __init__(
        self,
        folders: Mapping[Path, float],
        length: int,
        batch: int,
        size: tuple[int, int],
        augment: Augment,
        seed: int,
        plain_from: int,
    ) -> None:
        self.samples: Sequence[Sequence[Sample]] = [read_folder(folder) for folder in folders]
        shares = np.array(list(folders.values()), float)
        self.cumulated = np.cumsum(shares / shares.sum())
        self.length, self.batch, self.size = length, batch, size
        self.augment, self.seed, self.plain_from = augment, seed, plain_from

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> tuple[torch.Tensor, Target]:
        rng = np.random.default_rng((self.seed, index))
        part = (index % self.batch + rng.random()) / self.batch
        is_mosaic = index < self.plain_from and rng.random() < self.augment.mosaic
        drawn = [self._draw(rng, part)]
        if is_mosaic:
            drawn += [self._draw(rng, rng.random()) for _ in range(3)]
            item = mosaic(rng, [drawn[i] for i in rng.permutation(4)], self.size, self.augment)
        else:
            picture_size = (drawn[0].picture.shape[1], drawn[0].picture.shape[0])
            matrix = random_view(rng, picture_size, self.size, self.augment.zoom, self.augment)
            item = place(drawn[0], matrix, self.size)
        picture = spoil(rng, item.picture, self.augment)
        return torch.from_numpy(picture.transpose(2, 0, 1).copy()).float(), as_target(item)

    def _draw(self, rng: np.random.Generator, part: float) -> Labelled:
        folder = min(int(np.searchsorted(self.cumulated, part)), len(self.samples) - 1)
        samples = self.samples[folder]
        return load(samples[int(rng.integers(len(samples)))])


def as_target(item: Labelled) -> Target:
    """Label rows in pixels as the loss wants them."""
    corners = torch.from_numpy(item.boxes[:, 1:].copy())
    centre_form = torch.cat(((corners[:, :2] + corners[:, 2:]) / 2, corners[:, 2:] - corners[:, :2]), dim=1)
    return Target(centre_form, torch.from_numpy(item.boxes[:, 0].astype(np.int64)), torch.from_numpy(item.ignore))


def collate(items: Sequence[tuple[torch.Tensor, Target]]) -> tuple[torch.Tensor, list[Target]]:
    return torch.stack([picture for picture, _ in items]), [target for _, target in items]
