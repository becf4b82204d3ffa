from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.taxonomy import ObjectClass
from scenarios.errors.chain import kept
from scenarios.errors.profile import ErrorProfile, MissChain, load_profile
from scenarios.errors.stream import Burden, ErrorStream, InPicture
from scenarios.language.conditions import ConditionKind
from tests.scenarios.errors.profiles import PERFECT, profile_of

CAR = InPicture(1, ObjectClass.VEHICLE, (0.4, 0.4, 0.5, 0.5), (0.4, 0.4, 0.5, 0.5), 1.0, 32.0)


def _stream(profile: ErrorProfile, seed: int = 0) -> ErrorStream:
    return ErrorStream(profile, np.random.default_rng(seed), 16 / 9)


def _missed(profile: ErrorProfile, thing: InPicture, looks: int, step: float = 1.0, seed: int = 0) -> np.ndarray:
    stream = _stream(profile, seed)
    return np.array([not stream.look(n * step, [thing], Burden()) for n in range(looks)])


def test_without_errors_everything_is_found_exactly_where_it_is() -> None:
    (found,) = _stream(PERFECT).look(0.0, [CAR], Burden())
    assert (found.box, found.kind, found.number) == (CAR.box, CAR.kind, CAR.number)


@given(share=st.floats(0.1, 0.5), burst_s=st.floats(0.5, 5.0), seed=st.integers(0, 99))
@settings(max_examples=8, deadline=None)
def test_the_stream_misses_as_often_and_as_long_as_its_profile_says(
    share: float, burst_s: float, seed: int
) -> None:
    chain = MissChain(base=log(share / (1 - share)), per_halving=0, hidden=0, spread=0, burst_s=burst_s)
    missed = _missed(profile_of(chain), CAR, 8000, seed=seed)
    memory = kept(1.0, burst_s)
    after_miss = missed[1:][missed[:-1]]
    assert missed.mean() == pytest.approx(share, abs=5 * (share / (8000 * (1 - memory))) ** 0.5)
    assert after_miss.mean() == pytest.approx(share + (1 - share) * memory, abs=4 / len(after_miss) ** 0.5)


def test_what_is_mostly_hidden_is_never_found() -> None:
    hidden = InPicture(1, ObjectClass.VEHICLE, CAR.box, CAR.box, 0.3, 32.0)
    assert _missed(PERFECT, hidden, 50).all()


def test_small_hidden_and_badly_lit_things_are_missed_more_often() -> None:
    profile = load_profile()
    small = InPicture(1, ObjectClass.PERSON, CAR.box, CAR.box, 1.0, 10.0)
    covered = InPicture(1, ObjectClass.PERSON, CAR.box, CAR.box, 0.5, 24.0)
    plain = InPicture(1, ObjectClass.PERSON, CAR.box, CAR.box, 1.0, 24.0)
    quiet = profile.model_copy(update={"flicker": ()})

    def share(thing: InPicture, burden: Burden) -> float:
        stream = _stream(quiet)
        things = [
            InPicture(n, thing.kind, thing.box, thing.shown, thing.visible, thing.size_px) for n in range(400)
        ]
        return 1 - len({f.number for f in stream.look(0.0, things, burden)}) / 400

    blurred = Burden.of(profile.conditions, {ConditionKind.DEFOCUS: 1.0})
    usual = share(plain, Burden())
    assert usual < 0.1
    assert min(share(small, Burden()), share(covered, Burden()), share(plain, blurred)) > usual + 0.1


def test_a_class_that_the_profile_does_not_name_is_never_reported() -> None:
    no_stalls = {kind: item for kind, item in PERFECT.classes.items() if kind is not ObjectClass.STALL}
    profile = PERFECT.model_copy(update={"classes": no_stalls})
    stall = InPicture(1, ObjectClass.STALL, CAR.box, CAR.box, 1.0, 64.0)
    assert _stream(profile).look(0.0, [stall], Burden()) == []


@given(
    x=st.floats(0, 0.99),
    y=st.floats(0, 0.99),
    w=st.floats(0.001, 1),
    h=st.floats(0.001, 1),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_boxes_stay_within_the_frame_and_scores_reach_their_threshold(
    x: float, y: float, w: float, h: float, seed: int
) -> None:
    profile = load_profile()
    box = (x, y, min(1.0, x + w), min(1.0, y + h))
    things = [InPicture(n, kind, box, box, 1.0, 40.0) for n, kind in enumerate(profile.classes)]
    stream = _stream(profile, seed)
    for look in range(3):
        for found in stream.look(look * 1.0, things, Burden(jitter=3.0)):
            assert 0 <= found.box[0] < found.box[2] <= 1
            assert 0 <= found.box[1] < found.box[3] <= 1
            assert profile.provenance.thresholds[found.kind] <= found.score <= 1


def test_sightings_of_nothing_come_as_often_as_measured() -> None:
    flicker = load_profile().flicker[0].model_copy(update={"rate": 0.2, "life_s": 3.0, "places": 0.0})
    stream = _stream(PERFECT.model_copy(update={"flicker": (flicker,)}))
    counts = [len(stream.look(n * 1.0, [], Burden())) for n in range(20_000)]
    assert np.mean(counts) == pytest.approx(0.2, rel=0.1)


def test_haunted_spots_are_seen_for_their_share_of_the_time() -> None:
    flicker = (
        load_profile()
        .flicker[0]
        .model_copy(update={"rate": 0.0, "places": 400.0, "place_share": 0.4, "place_life_s": 4.0})
    )
    stream = _stream(PERFECT.model_copy(update={"flicker": (flicker,)}))
    boxes = [{found.box for found in stream.look(n * 1.0, [], Burden())} for n in range(200)]
    spots = set().union(*boxes)
    assert np.mean([len(item) for item in boxes]) / len(spots) == pytest.approx(0.4, abs=0.05)
