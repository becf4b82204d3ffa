"""From what was measured to a profile: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import log, log2, sqrt

import numpy as np

from ingest.taxonomy import ObjectClass
from models.card import ModelCard
from scenarios.errors.chain import Course, Floats, fit_chain
from scenarios.errors.degrade import PLAIN
from scenarios.errors.fit_sightings import (
    INTERVALS_S,
    doubles_of,
    is_clear,
    jitter_factor,
    jitter_of,
    log_odds,
    scores_of,
    swaps_of,
    yields_of,
)
from scenarios.errors.flicker import fit_flicker, flicker_factors, in_words
from scenarios.errors.footage import MEASURED
from scenarios.errors.measure import Measured, ObjectLooks
from scenarios.errors.profile import (
    TYPICAL_PX,
    ClassErrors,
    ConditionEffect,
    ErrorProfile,
    Interval,
    MissChain,
    Provenance,
)
from scenarios.language.conditions import ConditionKind

CONDITIONS = (
    ConditionKind.RAIN,
    ConditionKind.DUSK,
    ConditionKind.NIGHT_IR,
    ConditionKind.DIRTY,
    ConditionKind.DEFOCUS,
    ConditionKind.HEADLIGHTS,
)

_BASE_PRIOR = -2.0
_ATTENUATION = 0.346
_WORST, _BEST = 12.0, 0.0
_ENOUGH_OBJECTS = 20
_REPORTED = re.compile(r"precision/recall on (\w+)_val at the card's thresholds: (.*)")
_NO_FIGURE = "no real clip holds this class, and the card has no recall on real stills to compare: no factor"


def fit_profile(name: str, measured: Measured, card: ModelCard, provenance: Provenance) -> ErrorProfile:
    """The profile of the detector behind ``card``; raises ValueError where nothing was looked at."""
    conditions = _condition_effects(measured)
    spread = _spread_between(measured)
    classes = {
        kind: _class_errors(kind, measured, card, spread) for kind in MEASURED if kind in card.classes.values()
    }
    for kind in sorted(set(card.classes.values()) - set(classes)):
        classes[kind] = _borrowed(kind, classes[ObjectClass.VEHICLE], card)
    flicker = fit_flicker(measured)
    return ErrorProfile(
        name=name,
        provenance=provenance.model_copy(update={"notes": (*provenance.notes, in_words(flicker))}),
        classes=classes,
        flicker=flicker,
        conditions=conditions,
        intervals=_intervals(measured),
    )


# -- misses ---------------------------------------------------------------------------------------


def _course(sequence: ObjectLooks) -> Course:
    kinds = [float(sequence.variant.condition is kind) * sequence.variant.amount for kind in CONDITIONS]
    rows = [[1.0, log2(TYPICAL_PX / max(look.size_px, 1.0)), look.hidden, *kinds] for look in sequence.looks]
    return Course(
        np.array([look.at_s for look in sequence.looks]),
        np.array([look.found is None for look in sequence.looks]),
        np.array(rows),
    )


def _chain_of(sequences: Sequence[ObjectLooks], spread: float | None = None) -> tuple[MissChain, Floats]:
    """The chain, and what each condition of amount 1 adds to it; ``spread``: given, not fitted."""
    floors = np.array([_WORST * -1, 0.0, 0.0, *[_BEST] * len(CONDITIONS)])
    start = np.array([_BASE_PRIOR, 0.5, 1.0, *[1.0] * len(CONDITIONS)])
    courses = [_course(sequence) for sequence in sequences]
    fit = fit_chain(courses, floors=floors, start=start, spread=spread)
    base, per_halving, hidden = (round(float(value), 3) for value in fit.weights[:3])
    chain = MissChain(
        base=base,
        per_halving=per_halving,
        hidden=hidden,
        spread=round(fit.spread, 3),
        burst_s=round(fit.burst_s, 3),
    )
    return chain, fit.weights[3:]


def _condition_effects(measured: Measured) -> dict[ConditionKind, ConditionEffect]:
    """Of all measured classes together: the sky does not ask what stands below it."""
    _, added = _chain_of(measured.sequences)
    flicker = flicker_factors(measured, CONDITIONS)
    effects = {}
    for kind, miss in zip(CONDITIONS, added, strict=True):
        weaker = [sequence for sequence in measured.sequences if sequence.variant.condition is kind]
        effects[kind] = ConditionEffect(
            source="measured",
            miss=round(min(float(miss), _WORST), 3),
            score=round(_score_shift(measured, weaker), 3),
            jitter=round(jitter_factor(measured, weaker), 3),
            flicker=round(flicker[kind], 3),
            note="measured on the clips with the condition imitated (scenarios/errors/degrade.py)",
        )
    return effects


def _score_shift(measured: Measured, weaker: Sequence[ObjectLooks]) -> float:
    """Mean change of the score's log-odds at amount 1, on the objects that are still found."""
    plain = _by_object([item for item in measured.sequences if item.variant == PLAIN])
    changes, amounts = [], []
    for sequence in weaker:
        before = plain.get(_identity(sequence))
        now = [log_odds(look.score) for look in sequence.looks if look.found]
        if before and now:
            changes.append(float(np.mean(now)) - before)
            amounts.append(sequence.variant.amount)
    return float(np.dot(changes, amounts) / np.dot(amounts, amounts)) if changes else 0.0


def _identity(sequence: ObjectLooks) -> tuple[str, int]:
    return sequence.kind.value, sequence.track


def _by_object(sequences: Sequence[ObjectLooks]) -> dict[tuple[str, int], float]:
    return {
        _identity(item): float(np.mean([log_odds(look.score) for look in item.looks if look.found]))
        for item in sequences
        if any(look.found for look in item.looks)
    }


# -- classes --------------------------------------------------------------------------------------


def _objects(sequences: Sequence[ObjectLooks]) -> int:
    return len({item.track for item in sequences})


def _spread_between(measured: Measured) -> float | None:
    """How far objects differ, from the class with most of them; None where no class has enough to tell.

    Of few objects the fit takes what it cannot explain for their nature: with six vehicles, all found in every look
    from 14 px on, it made one in ten of that size a thing that is never found.
    """
    of_kind = [[item for item in measured.sequences if item.kind is kind] for kind in MEASURED]
    most = max(of_kind, key=_objects)
    return _chain_of(most)[0].spread if _objects(most) >= _ENOUGH_OBJECTS else None


def _class_errors(
    kind: ObjectClass, measured: Measured, card: ModelCard, others_spread: float | None
) -> ClassErrors:
    sequences = [item for item in measured.sequences if item.kind is kind]
    clear = [item for item in sequences if is_clear(item)]
    objects = _objects(sequences)
    chain, _ = _chain_of(sequences, others_spread if objects < _ENOUGH_OBJECTS else None)
    return ClassErrors(
        source="measured",
        objects=objects,
        sequences=len(sequences),
        looks=sum(len(item.looks) for item in sequences),
        misses=chain,
        jitter=jitter_of(clear, yields_of(sequences)),
        scores=scores_of(clear, card.thresholds.of(kind)),
        swaps=swaps_of(clear),
        doubles=doubles_of(clear),
    )


def _borrowed(kind: ObjectClass, lender: ClassErrors, card: ModelCard) -> ClassErrors:
    """No clip holds the class: the vehicle's numbers, with misses as much likelier as they are on real stills."""
    factor, reason = _odds_factor(kind, card)
    # Odds over a population move less than each member's own: the logistic-normal attenuation (Zeger, Liang, Albert).
    shift = log(factor) * sqrt(1 + _ATTENUATION * lender.misses.spread**2)
    misses = lender.misses.model_copy(update={"base": round(lender.misses.base + shift, 3)})
    scores = lender.scores.model_copy(update={"floor": card.thresholds.of(kind)})
    swaps = lender.swaps.model_copy(update={"into": {}, "rate": 0.0, "sticky_share": 0.0, "sticky_rate": 0.0})
    return lender.model_copy(
        update={
            "source": "borrowed",
            "borrowed_from": ObjectClass.VEHICLE,
            "odds_factor": round(factor, 3),
            "reason": reason,
            "objects": 0,
            "sequences": 0,
            "looks": 0,
            "misses": misses,
            "scores": scores,
            "swaps": swaps,
        }
    )


def _odds_factor(kind: ObjectClass, card: ModelCard) -> tuple[float, str]:
    """Odds of a miss against the vehicle's on the same held-out stills: real ones if the card has them."""
    for folder in ("dhaka", "composites"):
        recalls = _recalls(card, folder)
        mine, theirs = recalls.get(kind.value), recalls.get(ObjectClass.VEHICLE.value)
        if mine is not None and theirs is not None:
            factor = ((1 - mine) / mine) / ((1 - theirs) / theirs)
            return max(1.0, factor), (
                f"no real clip holds this class; on {folder}_val the card gives recall {mine:.2f} against "
                f"{theirs:.2f} for vehicles, odds of a miss x {factor:.2f}"
                + ("" if factor >= 1 else ", held at 1: its clips may well be harder than these stills")
            )
    return 1.0, _NO_FIGURE


def _recalls(card: ModelCard, folder: str) -> dict[str, float]:
    for line in card.provenance.accuracy:
        match = _REPORTED.fullmatch(line)
        if match and match[1] == folder:
            pairs = (part.rsplit(" ", 1) for part in match[2].split(", "))
            return {name: min(max(float(figures.split("/")[1]), 0.01), 0.99) for name, figures in pairs}
    return {}


def _intervals(measured: Measured) -> tuple[Interval, ...]:
    rows = []
    for kind in MEASURED:
        for label in ("plain", "weakened"):
            of_kind = [
                s for s in measured.sequences if s.kind is kind and (s.variant == PLAIN) == (label == "plain")
            ]
            for interval in INTERVALS_S:
                pairs = [pair for item in of_kind for pair in _pairs(item, interval)]
                rows.append(_interval(kind, label, interval, pairs))
    return tuple(rows)


def _interval(kind: ObjectClass, label: str, interval: float, pairs: Sequence[tuple[bool, bool]]) -> Interval:
    after_miss = [after for before, after in pairs if before]
    after_hit = [not after for before, after in pairs if not before]
    return Interval.model_validate(
        {
            "object_class": kind,
            "conditions": label,
            "interval_s": interval,
            "pairs": len(pairs),
            "miss_to_miss": round(float(np.mean(after_miss)), 4) if after_miss else None,
            "hit_to_hit": round(float(np.mean(after_hit)), 4) if after_hit else None,
        }
    )


def _pairs(item: ObjectLooks, interval: float) -> list[tuple[bool, bool]]:
    """(missed, missed) of looks so far apart: from a dense sequence every one, thinned out."""
    state = {round(look.at_s, 1): look.found is None for look in item.looks}
    return [(missed, state[later]) for at, missed in state.items() if (later := round(at + interval, 1)) in state]


def variant_names(measured: Measured) -> tuple[str, ...]:
    """Every version that was looked at, with its looks."""
    names = dict.fromkeys(name for name, _ in measured.looks)
    return tuple(f"{name}: {measured.looks_of([name])} looks" for name in names)
