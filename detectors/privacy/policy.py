"""How much of a person, a rider or a vehicle is covered, and how coarsely."""

from __future__ import annotations

from dataclasses import dataclass

_AT_LEAST_ONE = ("blocks_per_person", "blocks_per_shoulders", "blocks_per_vehicle", "min_block_px", "colour_step")


@dataclass(frozen=True, slots=True)
class RedactionPolicy:
    """What is covered. Fractions are of the box's own sides, sizes are pixels of the frame.

    `min_score` is far below alerting: a missed face costs more than a block too many. Two-wheelers and vehicles
    have floors of their own (`two_wheeler_score`, `vehicle_score`, never below `min_score`), because a rider is
    found as a person too and a vehicle that is none hides the street. A picture whose brightest 5 % stay below
    `dark_level` (0..255) is withheld: no detector finds people in it, but a viewer who brightens it might. A person
    whose box is a vehicle's box (`same_box_iou`), and whose score is below that vehicle's divided by `outvoted_by`,
    is the vehicle under a second name and leaves its upper part visible.

    Blocks: a figure has at most `blocks_per_person` over its height and `blocks_per_shoulders` over its width, a
    vehicle at most `blocks_per_vehicle` over its height, and colours are rounded to steps of `colour_step`.
    """

    min_score: float = 0.10
    two_wheeler_score: float = 0.30
    vehicle_score: float = 0.30
    person_margin: float = 0.15
    rider_part: float = 0.6
    rider_headroom: float = 0.35
    two_wheeler_plate_height_px: int = 96
    plate_band: float = 0.55
    glass_band: tuple[float, float] = (0.05, 0.45)
    glass_height_px: int = 56
    vehicle_margin: float = 0.05
    blocks_per_person: int = 12
    blocks_per_shoulders: int = 6
    blocks_per_vehicle: int = 16
    min_block_px: int = 8
    colour_step: int = 32
    dark_level: int = 32
    same_box_iou: float = 0.8
    outvoted_by: float = 3.0

    def __post_init__(self) -> None:
        for field in _AT_LEAST_ONE:
            if getattr(self, field) < 1:
                raise ValueError(f"{field} is {getattr(self, field)}; give 1 or more")
        for field in ("min_score", "two_wheeler_score", "vehicle_score"):
            if not 0.0 < getattr(self, field) <= 1.0:
                raise ValueError(f"{field} is {getattr(self, field)}; give 0 < {field} <= 1")
