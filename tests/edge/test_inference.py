"""One engine for all cameras: served in the order of asking, and a hung engine is nobody's silence."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from detectors.types import Detections, DetectorError, FailureReason, Frame
from edge.inference import SharedDetector
from tests.edge.doubles import FakeDetector
from tests.waiting import wait_for

FRAME = np.full((4, 4, 3), 100, np.uint8)


class Gated(FakeDetector):
    """Holds every inference until the test lets it go."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Semaphore(0)
        self.inside = 0
        self.most_inside = 0

    def detect(self, frames: Sequence[Frame], *, min_score: float | None = None) -> list[Detections]:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.gate.acquire()
        self.inside -= 1
        return super().detect(frames, min_score=min_score)


def test_cameras_are_served_one_at_a_time_in_the_order_of_asking() -> None:
    engine = Gated()
    shared = SharedDetector(engine)
    served: list[int] = []

    def ask(number: int) -> None:
        shared.detect([FRAME])
        served.append(number)

    threads = []
    for number in range(6):
        thread = threading.Thread(target=ask, args=(number,))
        thread.start()
        threads.append(thread)
        wait_for(lambda n=number: len(shared._queue) == n + 1, what="the camera in the queue")
    for count in range(6):
        engine.gate.release()
        wait_for(lambda c=count: len(served) == c + 1, what="the next camera served")
    for thread in threads:
        thread.join()
    assert served == list(range(6))
    assert engine.most_inside == 1


def test_a_hung_engine_is_could_not_look_and_later_turns_go_on() -> None:
    engine = Gated()
    shared = SharedDetector(engine, turn_timeout_s=0.05)
    hung = threading.Thread(target=shared.detect, args=([FRAME],))
    hung.start()
    wait_for(lambda: engine.inside == 1, what="the engine hanging")
    with pytest.raises(DetectorError) as failure:
        shared.detect([FRAME])
    assert failure.value.reason is FailureReason.ENGINE_FAILED
    engine.gate.release(2)
    hung.join()
    assert len(shared.detect([FRAME])) == 1


def test_a_failing_inference_frees_the_engine() -> None:
    engine = FakeDetector()
    engine.broken = True
    shared = SharedDetector(engine)
    for _ in range(3):
        with pytest.raises(DetectorError):
            shared.detect([FRAME])
    engine.broken = False
    assert len(shared.detect([FRAME])) == 1
    shared.close()
    assert engine.closed
