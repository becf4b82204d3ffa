"""SimOTA: which cells of the output answer for which labelled box of one picture."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

_CENTRE_RADIUS = 1.5  # in strides
_CANDIDATES = 10
_OVERLAP_WEIGHT = 3.0
_OUTSIDE = 1e5


@dataclass(frozen=True)
class Assignment:
    """`cells` [P] indices of answering cells, `boxes` [P] the labelled box each answers for, `overlap` [P]."""

    cells: Tensor
    boxes: Tensor
    overlap: Tensor


def corners(boxes: Tensor) -> Tensor:
    """Centre form [..., 4] to x1 y1 x2 y2."""
    return torch.cat((boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2), dim=-1)


def paired_overlap(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of boxes in centre form, broadcast over the leading dimensions."""
    first, second = corners(a), corners(b)
    size = torch.minimum(first[..., 2:], second[..., 2:]) - torch.maximum(first[..., :2], second[..., :2])
    shared = size.clamp(min=0).prod(-1)
    return shared / (a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - shared).clamp(min=1e-9)


def assign(
    truth: Tensor,
    kinds: Tensor,
    boxes: Tensor,
    object_logits: Tensor,
    class_logits: Tensor,
    cell_centres: Tensor,
    strides: Tensor,
) -> Assignment:
    """SimOTA for one picture; nothing here carries a gradient.

    `truth` [G, 4] and `boxes` [N, 4] are in centre form in input pixels, `kinds` [G] class numbers,
    `cell_centres` [N, 2] and `strides` [N, 1] in pixels. Every labelled box gets at least one cell, the
    nearest one if none has its centre within reach, unless a cheaper claim takes that cell.
    """
    distance = (cell_centres[None] - truth[:, None, :2]).abs().amax(-1)
    near = distance < _CENTRE_RADIUS * strides[None, :, 0]
    nearest = distance.argmin(1)
    near[torch.arange(len(truth), device=nearest.device), nearest] = True
    candidates = near.any(0).nonzero()[:, 0]
    near = near[:, candidates]
    overlap = paired_overlap(truth[:, None], boxes[None, candidates])
    joint = (class_logits[candidates].sigmoid() * object_logits[candidates].sigmoid()).sqrt()
    wanted = functional.one_hot(kinds, class_logits.shape[1]).to(joint.dtype)
    shape = (len(truth), len(candidates), joint.shape[1])
    class_cost = functional.binary_cross_entropy(
        joint[None].expand(shape).clamp(1e-6, 1 - 1e-6), wanted[:, None].expand(shape), reduction="none"
    ).sum(-1)
    cost = class_cost - _OVERLAP_WEIGHT * (overlap + 1e-8).log() + _OUTSIDE * (~near)
    return _cheapest(cost, overlap, candidates)


def _cheapest(cost: Tensor, overlap: Tensor, candidates: Tensor) -> Assignment:
    count = min(_CANDIDATES, cost.shape[1])
    wanted = overlap.topk(count, dim=1).values.sum(1).int().clamp(min=1)
    chosen = torch.zeros_like(cost, dtype=torch.bool)
    for row in range(len(cost)):
        chosen[row, cost[row].topk(int(wanted[row]), largest=False).indices] = True
    contested = chosen.sum(0) > 1
    if contested.any():
        winner = cost[:, contested].argmin(0)
        chosen[:, contested] = False
        chosen[winner, contested.nonzero()[:, 0]] = True
    box, column = chosen.nonzero(as_tuple=True)
    return Assignment(candidates[column], box, overlap[box, column])
