"""Which frames are decoded: key frames where they come often enough, everything where a look would come too late."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras.key_frames import GOOD_IN_A_ROW, SLACK, SLACK_S, Decision, DecodeChoice, KeyFrameMeter, decide
from ingest.cameras.source import Decoding, DecodingReason

FPS = 25


def run(
    key_distances: list[int], *, look_interval_s: float = 1.0, choice: DecodeChoice = DecodeChoice.AUTO
) -> list[Decision]:
    """The decision at every packet of a stream whose groups have so many pictures."""
    meter = KeyFrameMeter()
    decisions: list[Decision] = []
    index = 0
    for distance in key_distances:
        for within in range(distance):
            meter.saw(index / FPS, is_key=within == 0)
            before = decisions[-1] if decisions else None
            decisions.append(
                decide(meter, look_interval_s=look_interval_s, choice=choice, burst=False, before=before)
            )
            index += 1
    return decisions


def test_key_frames_every_second_suffice_for_a_look_a_second_and_nothing_else_is_decoded() -> None:
    decisions = run([FPS] * 10)
    assert {decision.decoding for decision in decisions} == {Decoding.KEY_FRAMES}
    assert decisions[-1].reason is DecodingReason.SUFFICE


def test_a_gap_longer_than_a_look_is_noticed_while_it_lasts() -> None:
    decisions = run([FPS * 4])
    first_full = next(i for i, decision in enumerate(decisions) if decision.decoding is Decoding.FULL)
    assert decisions[first_full].reason is DecodingReason.SPARSE
    assert 1.0 < first_full / FPS < 1.0 * SLACK + SLACK_S + 2 / FPS


def test_one_long_gap_outweighs_many_short_ones_until_as_many_again_have_passed() -> None:
    decisions = run([10] * 8 + [FPS * 3] + [10] * (GOOD_IN_A_ROW + 2))
    assert decisions[79].reason is DecodingReason.SUFFICE
    after = decisions[80 + FPS * 3 :]
    assert after[0].decoding is Decoding.FULL
    assert after[-1] == Decision(Decoding.KEY_FRAMES, DecodingReason.SUFFICE)
    changes = sum(a.decoding != b.decoding for a, b in pairwise(decisions))
    assert changes == 2


def test_what_the_configuration_says_is_not_measured_away_and_a_burst_beats_it() -> None:
    for choice, decoding in ((DecodeChoice.FULL, Decoding.FULL), (DecodeChoice.KEY_FRAMES, Decoding.KEY_FRAMES)):
        assert set(run([FPS * 4], choice=choice)) == {Decision(decoding, DecodingReason.CONFIGURED)}
        burst = decide(KeyFrameMeter(), look_interval_s=1, choice=choice, burst=True, before=None)
        assert burst == Decision(Decoding.FULL, DecodingReason.BURST)


def test_a_time_base_that_jumps_is_no_gap() -> None:
    meter = KeyFrameMeter()
    for index in range(100):
        meter.saw(index / FPS, is_key=index % FPS == 0)
    meter.saw(90_000.0, is_key=False)
    assert meter.waited_s == 0
    assert meter.distance_s is None


@given(
    distances=st.lists(st.integers(1, 200), min_size=1, max_size=30),
    look_interval_s=st.floats(0.1, 8.0),
)
def test_no_look_waits_longer_than_the_slack_for_a_frame_that_is_decoded(
    distances: list[int], look_interval_s: float
) -> None:
    decisions = run(distances, look_interval_s=look_interval_s)
    keys = {sum(distances[:i]) for i in range(len(distances))}
    shown_s = 0.0
    for index, decision in enumerate(decisions):
        if decision.decoding is Decoding.FULL or index in keys:
            shown_s = index / FPS
        assert index / FPS - shown_s <= look_interval_s * SLACK + SLACK_S + 1e-6


@pytest.mark.parametrize("fps", [1, 5, 25])
def test_the_measured_distance_is_the_one_of_the_stream(fps: int) -> None:
    meter = KeyFrameMeter()
    for index in range(10 * fps):
        meter.saw(index / fps, is_key=index % (2 * fps) == 0)
    assert meter.distance_s == pytest.approx(2.0)
