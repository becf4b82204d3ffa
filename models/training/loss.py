"""The training loss: box overlap, objectness, class and (optionally) box distance, over SimOTA's cells."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models.training.assign import assign, paired_overlap
from models.training.network import decode_boxes, grid

_BOX_WEIGHT = 5.0


@dataclass(frozen=True)
class Target:
    """One picture's truth in input pixels: `boxes` [G, 4] centre form, `kinds` [G], `ignore` [M, 4] x1 y1 x2 y2."""

    boxes: Tensor
    kinds: Tensor
    ignore: Tensor


@dataclass(frozen=True)
class Losses:
    """The parts, each divided by the number of answering cells, and their sum."""

    total: Tensor
    box: float
    objectness: float
    kind: float
    cells: int


def _in_any(points: Tensor, regions: Tensor) -> Tensor:
    """Which points [N, 2] lie in one of the regions [M, 4]."""
    above = (points[:, None] >= regions[None, :, :2]).all(-1)
    below = (points[:, None] <= regions[None, :, 2:]).all(-1)
    return (above & below).any(1)


def detection_loss(raw: Tensor, targets: list[Target], height: int, width: int, distance: bool) -> Losses:
    """Loss of the network's raw output [B, N, 5 + C] for inputs of `height` x `width` px.

    Cells within an ignore region carry no objectness loss unless they answer for a labelled box.
    `distance` adds the L1 term on the raw box values, meant for the last part of a run.
    """
    corner, strides = grid(height, width, raw.device)
    boxes = decode_boxes(raw[..., :4], corner, strides)
    centres = (corner + 0.5) * strides
    zero = raw.sum() * 0.0
    box_loss, class_loss, object_loss, far_loss, cells = zero, zero, zero, zero, 0
    for index, target in enumerate(targets):
        objectness = torch.zeros_like(raw[index, :, 4])
        counted = torch.ones_like(objectness)
        if len(target.ignore):
            counted[_in_any(centres, target.ignore)] = 0.0
        if len(target.boxes):
            with torch.no_grad():
                found = assign(
                    target.boxes,
                    target.kinds,
                    boxes[index],
                    raw[index, :, 4:5],
                    raw[index, :, 5:],
                    centres,
                    strides,
                )
            truth = target.boxes[found.boxes]
            objectness[found.cells] = 1.0
            counted[found.cells] = 1.0
            box_loss = box_loss + (1 - paired_overlap(boxes[index, found.cells], truth).square()).sum()
            wanted = functional.one_hot(target.kinds[found.boxes], raw.shape[2] - 5) * found.overlap[:, None]
            class_loss = class_loss + functional.binary_cross_entropy_with_logits(
                raw[index, found.cells, 5:], wanted, reduction="sum"
            )
            if distance:
                goal = _raw_values(truth, corner[found.cells], strides[found.cells])
                far_loss = far_loss + (raw[index, found.cells, :4] - goal).abs().sum()
            cells += len(found.cells)
        object_loss = object_loss + functional.binary_cross_entropy_with_logits(
            raw[index, :, 4], objectness, weight=counted, reduction="sum"
        )
    share = 1.0 / max(cells, 1)
    total = (_BOX_WEIGHT * box_loss + object_loss + class_loss + far_loss) * share
    box, objectness_sum, kind = (float(part.detach()) * share for part in (box_loss, object_loss, class_loss))
    return Losses(total, box, objectness_sum, kind, cells)


def _raw_values(boxes: Tensor, corner: Tensor, strides: Tensor) -> Tensor:
    return torch.cat((boxes[:, :2] / strides - corner, (boxes[:, 2:] / strides).clamp(min=1e-6).log()), dim=1)
