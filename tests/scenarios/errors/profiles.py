"""Error profiles for tests: the shipped one with its errors taken out or set to known values."""

from __future__ import annotations

from ingest.taxonomy import ObjectClass
from scenarios.errors.profile import (
    ClassErrors,
    Doubles,
    ErrorProfile,
    Jitter,
    MissChain,
    Scores,
    Swaps,
    load_profile,
)

NONE = (0.0, 0.0, 0.0, 0.0)
NEVER = MissChain(base=-30.0, per_halving=0.0, hidden=0.0, spread=0.0, burst_s=1.0)


def errors(misses: MissChain = NEVER) -> ClassErrors:
    """A class with exact boxes that is missed as told."""
    return ClassErrors(
        source="measured",
        objects=1,
        sequences=1,
        looks=1,
        misses=misses,
        jitter=Jitter(lasting=NONE, passing=NONE, correlation_s=1.0, yields=0.0),
        scores=Scores(mean=2.0, per_halving=0.0, spread=0.0, sd=0.0, correlation_s=1.0, floor=0.3),
        swaps=Swaps(rate=0.0, sticky_share=0.0, sticky_rate=0.0, into={}),
        doubles=Doubles(rate=0.0, part=(1.0, 1.0), shift=(0.0, 0.0)),
    )


def profile_of(misses: MissChain = NEVER) -> ErrorProfile:
    """All classes, each missed as told and otherwise seen exactly; no sightings of nothing."""
    classes = {kind: errors(misses) for kind in ObjectClass if kind is not ObjectClass.UNKNOWN}
    return load_profile().model_copy(update={"classes": classes, "flicker": (), "conditions": {}})


PERFECT = profile_of()
