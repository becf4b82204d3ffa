"""Every kind of actor has a shape, always the same for a seed."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.language.cast import ActorKind, Posture
from scenarios.world.shapes import extent_for, mesh_for, scaled

_KINDS = [kind for kind in ActorKind if kind is not ActorKind.CUTOUT]


@pytest.mark.parametrize("kind", _KINDS)
def test_a_kind_has_a_shape_that_is_kept(kind: ActorKind) -> None:
    mesh = mesh_for(kind, 4)
    assert mesh is mesh_for(kind, 4)
    assert extent_for(kind, 4) == (*mesh.reach, mesh.tall)
    assert min(extent_for(kind, 4)) > 0
    assert mesh.points[:, 2].min(initial=0.0) > -0.05


def test_seeds_differ() -> None:
    shapes = {mesh_for(ActorKind.HEAP, seed).points.shape for seed in range(8)}
    assert len(shapes) > 1


def test_a_person_strides_serves_and_stands() -> None:
    def limbs(**how: object) -> np.ndarray:
        return mesh_for(ActorKind.PERSON, 1, **how).capsules  # type: ignore[arg-type]  # keywords of one signature

    stands, walks, serves = limbs(), limbs(phase=1.5, moving=True), limbs(posture=Posture.SERVE)
    assert not np.array_equal(stands, walks)
    assert stands.shape != serves.shape or not np.array_equal(stands, serves)
    assert mesh_for(ActorKind.PERSON, 1, phase=1.5, moving=True) is mesh_for(
        ActorKind.PERSON, 1, phase=1.5 + 2 * np.pi, moving=True
    )


def test_only_a_moving_two_wheeler_has_a_rider() -> None:
    assert mesh_for(ActorKind.MOPED, 1, moving=True).tall > mesh_for(ActorKind.MOPED, 1).tall
    assert mesh_for(ActorKind.CAR, 1, moving=True) is mesh_for(ActorKind.CAR, 1)


def test_scaling_grows_every_length() -> None:
    mesh = mesh_for(ActorKind.HEAP, 2)
    big = scaled(mesh, 2.0)
    assert big.tall == mesh.tall * 2
    assert np.array_equal(big.points, mesh.points * 2)
    assert np.array_equal(big.capsules, mesh.capsules * 2)


def test_a_cutout_has_no_mesh() -> None:
    with pytest.raises(ValueError, match="cutout"):
        mesh_for(ActorKind.CUTOUT, 0)
