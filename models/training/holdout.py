"""The hold-out (留出集): which pictures of a set no run may train on, chosen by clusters of look-alikes.

A split by file would test on what was trained, because street sets hold consecutive frames of one scene. So
pictures are clustered by a perceptual hash and whole clusters are held out. The list is committed as facts
(file names, no pictures); training and measuring read the list, and `kerbwatch models split` makes it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.folder import LabelError

# Looked at by hand on the street set: pairs up to 16 bits apart are mostly one scene seconds apart, pairs from
# 18 bits on mostly two scenes. With 18 the clusters are rather too large than too small.
LOOKALIKE_BITS = 18
_HELD_OUT_SHARE = 5  # one cluster in this many
STREETS = "dhaka_val"  # the data-set folder that the held-out street pictures go to
DHAKA_LIST = Path(__file__).parent / "splits" / "dhaka-holdout.txt"

_HEAD = """\
# Held-out pictures of vehicles_dhaka/train: no run trains on them. Made by `kerbwatch models split`.
# One line for each picture: file name and the cluster of look-alikes (128-bit difference hash, chains of
# at most {bits} bits) that it belongs to, named after the cluster's
# first picture. {pictures} pictures, {clusters} clusters.
"""


@dataclass(frozen=True)
class HeldOut:
    """One held-out picture: file `name` and the `cluster` it belongs to (name of the cluster's first picture)."""

    name: str
    cluster: str


def fingerprint(image: Path) -> NDArray[np.uint8]:
    """A 128-bit difference hash (rows and columns of a 9x9 thumbnail) as an array of bits."""
    grey = cv2.imread(str(image), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise LabelError(f"{image}: not a readable picture; remove it or fetch the set again")
    small = cv2.resize(grey, (9, 9), interpolation=cv2.INTER_AREA).astype(np.int16)
    across, down = small[:8, 1:] > small[:8, :-1], small[1:, :8] > small[:-1, :8]
    return np.concatenate((across.ravel(), down.ravel())).astype(np.uint8)


def lookalike_groups(prints: NDArray[np.uint8], limit: int = LOOKALIKE_BITS) -> list[int]:
    """Group number of each fingerprint [N, bits]: chains of pictures at most `limit` bits apart share one."""
    parent = list(range(len(prints)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for index in range(len(prints)):
        distance = np.count_nonzero(prints[index + 1 :] != prints[index], axis=1)
        for other in np.flatnonzero(distance <= limit) + index + 1:
            a, b = root(index), root(int(other))
            parent[max(a, b)] = min(a, b)
    return [root(index) for index in range(len(prints))]


def choose(names: Sequence[str], prints: NDArray[np.uint8]) -> list[HeldOut]:
    """About a fifth of the pictures: whole clusters, drawn by the hash of the cluster's first name.

    `names` [N] are sorted file names, `prints` [N, bits] their fingerprints.
    """
    groups = lookalike_groups(prints)
    return [
        HeldOut(name, names[group])
        for name, group in zip(names, groups, strict=True)
        if int(sha256(names[group].encode()).hexdigest(), 16) % _HELD_OUT_SHARE == 0
    ]


def list_text(held_out: Sequence[HeldOut]) -> str:
    """The list as it is committed."""
    clusters = len({picture.cluster for picture in held_out})
    head = _HEAD.format(bits=LOOKALIKE_BITS, pictures=len(held_out), clusters=clusters)
    return head + "".join(f"{picture.name} {picture.cluster}\n" for picture in held_out)


def read_list(path: Path) -> list[HeldOut]:
    """A committed list. Raises LabelError naming file and line."""
    held_out = []
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        parts = line.split()
        if len(parts) != 2:
            raise LabelError(f"{path}:{number}: {line!r} is not a file name and a cluster; make the list again")
        held_out.append(HeldOut(*parts))
    return held_out
