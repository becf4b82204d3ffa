"""Families of scenarios (场景族): kinds of days on a street, of which a seed makes one.

Seeds below 1,000 are for tests and tuning, 1,000 to 999,999 for measuring only, and 1,000,000 and above make
training data, which :func:`build` refuses.
"""

from scenarios.families.family import Family
from scenarios.families.pace import Profile
from scenarios.families.registry import FAMILIES, SEED_LIMIT, TUNING_SEEDS, build

__all__ = ["FAMILIES", "SEED_LIMIT", "TUNING_SEEDS", "Family", "Profile", "build"]
