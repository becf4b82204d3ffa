"""All families by name."""

from __future__ import annotations

from scenarios.families import (
    allowances,
    camera_faults,
    combinations,
    crowded,
    garbage,
    hours,
    innocent,
    multi_camera,
    occlusion,
    sensors,
    vehicles,
    vendors,
    weather,
)
from scenarios.families.family import Family
from scenarios.families.pace import Profile
from scenarios.language.scenario import Scenario

SEED_LIMIT = 1_000_000
"""Seeds from here on make training data and never scenarios that something is measured on."""
TUNING_SEEDS = range(1000)
"""Tests and tuning use these seeds only; 1,000 to 999,999 are kept for measuring."""

_GROUPS = (
    allowances,
    vehicles,
    vendors,
    garbage,
    innocent,
    occlusion,
    weather,
    camera_faults,
    sensors,
    multi_camera,
    combinations,
    crowded,
    hours,
)
FAMILIES: dict[str, Family] = {family.name: family for group in _GROUPS for family in group.FAMILIES}


def build(family: str, seed: int, profile: Profile) -> Scenario:
    """The scenario of a family, a seed and a profile: the same one every time.

    ``short`` lasts one to two and a half minutes with dwells of seconds, ``long`` twenty minutes to twelve hours
    with dwells of minutes. Raises ValueError: no such family, none in this profile, or a seed that is not one.
    """
    if family not in FAMILIES:
        raise ValueError(f"family {family!r} is none of {', '.join(sorted(FAMILIES))}")
    known = FAMILIES[family]
    if profile not in known.profiles:
        raise ValueError(f"family {family!r} has no profile {profile!r}; it has {', '.join(known.profiles)}")
    if not 0 <= seed < SEED_LIMIT:
        raise ValueError(f"seed {seed} is not in 0..{SEED_LIMIT - 1}; larger ones make training data")
    return known.build(seed, profile)
