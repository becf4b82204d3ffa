"""The street every family plays in: its cross-section, its zones and their rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.hours import Permit
from ingest.taxonomy import Category, ZonePurpose
from ingest.zones import DEFAULT_BRIDGE_S
from scenarios.language.base import GroundPoint
from scenarios.language.street import Scenery, SceneZone, ZoneRule

PAVEMENT_RULES = (Category.STREET_VENDOR, Category.GARBAGE, Category.PARKED_TWO_WHEELER)
LANE_X = 1.6
_STRIP_FROM_KERB = 1.15


@dataclass(frozen=True)
class Street:
    """A two-way street along y; traffic keeps right, so that x > 0 drives towards +y. Lengths in metres.

    ``side`` (+1 right, -1 left) is where things happen. ``wall`` is the house line beside that pavement, ``narrow``
    the one opposite, both as distances from the axis. Lanes begin and end at ``near_y`` and ``far_y``.
    """

    side: int
    kerb: float
    wall: float
    narrow: float
    near_y: float = -9.0
    far_y: float = 75.0
    side_street: tuple[float, float] | None = None

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Street:
        """A street at random, at least 5.2 m from axis to kerb: a lane and a strip in which cars can stop."""
        kerb = round(float(rng.uniform(5.2, 5.8)), 1)
        wall = round(kerb + float(rng.uniform(4.8, 6.5)), 1)
        narrow = round(kerb + float(rng.uniform(3.2, 5.0)), 1)
        return cls(1 if rng.random() < 0.5 else -1, kerb, wall, narrow)

    @property
    def strip(self) -> float:
        """Distance from the axis of the middle of the kerb strip, where cars park."""
        return self.kerb - _STRIP_FROM_KERB

    @property
    def aisle(self) -> float:
        """Distance from the axis of where people walk on the wide pavement."""
        return self.kerb + 1.5

    def along(self, side: int) -> int:
        """Which way traffic drives on a side: +1 towards +y."""
        return side

    def lane_ends(self, side: int) -> tuple[float, float]:
        """y where vehicles of a side's lane enter and leave."""
        return (self.near_y, self.far_y) if side > 0 else (self.far_y, self.near_y)

    def walk(self, side: int) -> float:
        """Distance from the axis of where people walk on a side."""
        return self.aisle if side == self.side else self.kerb + (self.narrow - self.kerb) * 0.35

    def edge(self, side: int) -> float:
        """Distance of a side's house line from the axis."""
        return self.wall if side == self.side else self.narrow

    def scenery(
        self,
        seed: int,
        bays: tuple[tuple[float, float, float, float], ...] = (),
        crossing: float | None = None,
        bus_stop: float | None = None,
    ) -> Scenery:
        """How it looks."""
        left, right = self.edge(-1), self.edge(1)
        return Scenery(
            seed=seed,
            kerb_left=-self.kerb,
            kerb_right=self.kerb,
            wall_left=-left,
            wall_right=right,
            bays=bays,
            crossing=crossing,
            bus_stop=bus_stop,
            side_street=self.side_street,
        )


def rectangle(x1: float, x2: float, y1: float, y2: float) -> tuple[GroundPoint, ...]:
    """Four corners in metres, rounded to a tenth."""
    (x1, x2), (y1, y2) = sorted((round(x1, 1), round(x2, 1))), sorted((round(y1, 1), round(y2, 1)))
    return ((x1, y1), (x2, y1), (x2, y2), (x1, y2))


def rules(categories: tuple[Category, ...], dwell_s: float, look_s: float) -> tuple[ZoneRule, ...]:
    """One rule for each category. A place must be seen bare for three looks, and five seconds at least."""
    return tuple(
        ZoneRule(
            category=category,
            dwell_s=dwell_s,
            max_bridge_s=DEFAULT_BRIDGE_S[category],
            clear_s=max(5.0, 3 * look_s),
        )
        for category in categories
    )


def kerb_zone(street: Street, y1: float, y2: float, rule: tuple[ZoneRule, ...]) -> SceneZone:
    """The strip along the kerb in which no vehicle may stop (禁停区)."""
    ground = rectangle(street.side * (street.kerb - 2.3), street.side * (street.kerb + 0.5), y1, y2)
    return SceneZone(name="kerb", purpose=ZonePurpose.NO_STOPPING, ground=ground, rule=rule)


def lane_zone(street: Street, side: int, y1: float, y2: float, rule: tuple[ZoneRule, ...]) -> SceneZone:
    """A lane of the carriageway (车行道)."""
    ground = rectangle(side * 0.2, side * 3.1, y1, y2)
    return SceneZone(name="lane", purpose=ZonePurpose.CARRIAGEWAY, ground=ground, rule=rule)


def pavement_zone(
    street: Street,
    y1: float,
    y2: float,
    rule: tuple[ZoneRule, ...],
    permits: tuple[Permit, ...] = (),
    name: str = "pavement",
    side: int = 0,
) -> SceneZone:
    """The wide pavement (人行道), or that of a given side."""
    side = side or street.side
    ground = rectangle(side * (street.kerb + 0.1), side * street.edge(side), y1, y2)
    return SceneZone(name=name, purpose=ZonePurpose.PAVEMENT, ground=ground, rule=rule, permit=permits)
