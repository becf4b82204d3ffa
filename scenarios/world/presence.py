"""One thing that is on the street at a moment."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.taxonomy import ObjectClass
from scenarios.language.cast import ActorKind, Posture


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody or something on the street at one moment.

    Attributes:
        number: Unique in its world, above 0, the same at all times.
        actor: The actor's id; None for members of streams.
        x, y: Metres in the street frame, the middle of its footprint.
        heading: Radians, 0 = +y, turning to +x.
        size: Factor of its shape.
        moving: Whether it moves at this moment.
        travelled: Metres covered so far; a walker's gait follows from it.
        seed: Decides its looks.
        ridden: A two-wheeler with somebody in the saddle, also while it waits.
        billboard: Width and height in metres of a cutout at size 1; None for everything with a shape.
    """

    number: int
    actor: str | None
    kind: ActorKind
    object_class: ObjectClass
    x: float
    y: float
    heading: float
    size: float
    moving: bool
    travelled: float
    seed: int
    posture: Posture
    ridden: bool = False
    billboard: tuple[float, float] | None = None
