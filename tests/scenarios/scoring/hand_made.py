"""Small truths and reports made by hand, for a scorer whose figures can be checked in the head.

One camera looks every second, so the tolerance is 3 s. The places A to D are boxes that do not touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from scenarios.language.base import Box
from scenarios.language.claims import Innocence, Subject
from scenarios.language.street import SeenBox, Tier
from scenarios.report import Report, SaidBlind, SaidBox, SaidCase, SaidIncident, System
from scenarios.scoring import CaseOutcome, Outcome, ProblemOutcome, ScenarioScore
from scenarios.truth import BlindSpan, TrueDecoy, TrueMarket, TrueProblem, Truth, TruthCamera

A: Box = (0.1, 0.1, 0.2, 0.2)
B: Box = (0.3, 0.1, 0.4, 0.2)
C: Box = (0.5, 0.1, 0.6, 0.2)
D: Box = (0.7, 0.1, 0.8, 0.2)
CAR = Subject.PARKED_VEHICLE
VENDOR = Subject.STREET_VENDOR
GARBAGE = Subject.GARBAGE
DWELL_S = 30.0
DURATION_S = 3600.0


def camera(name: str = "cam", blind: Sequence[tuple[float, float]] = ()) -> TruthCamera:
    spans = tuple(BlindSpan(from_s=begin, to_s=end, why="covered") for begin, end in blind)
    return TruthCamera(name=name, width=640, height=360, fps=1.0, blind=spans)


def seen(box: Box, begin: float = 0.0, end: float | None = None, at: str = "cam") -> SeenBox:
    return SeenBox(camera=at, box=box, from_s=begin, to_s=end)


def problem(
    name: str,
    box: Box = A,
    begin: float = 100.0,
    end: float | None = 1000.0,
    category: Subject = CAR,
    views: Sequence[SeenBox] = (),
) -> TrueProblem:
    return TrueProblem(
        id=name,
        category=category,
        start_s=begin,
        end_s=end,
        dwell_s=DWELL_S,
        seen=tuple(views) or (seen(box, begin, end),),
    )


def decoy(name: str, box: Box, why: Innocence = Innocence.SHADOW, category: Subject = CAR) -> TrueDecoy:
    return TrueDecoy(id=name, why=why, category=category, start_s=0.0, seen=(seen(box),))


def truth(
    *problems: TrueProblem,
    decoys: Sequence[TrueDecoy] = (),
    markets: Sequence[TrueMarket] = (),
    cameras: Sequence[TruthCamera] = (),
    tier: Tier = "detections",
    name: str = "made",
    seed: int = 0,
    duration_s: float = DURATION_S,
) -> Truth:
    return Truth(
        scenario=name,
        seed=seed,
        tier=tier,
        starts_at=datetime(2026, 3, 2, 2, tzinfo=UTC),
        duration_s=duration_s,
        cameras=tuple(cameras) or (camera(),),
        problems=problems,
        decoys=tuple(decoys),
        markets=tuple(markets),
    )


def said(
    name: str,
    box: Box = A,
    begin: float = 100.0,
    end: float = 1000.0,
    case: str | None = None,
    category: Subject = CAR,
    **more: Any,
) -> SaidIncident:
    given: dict[str, Any] = {
        "id": name,
        "case": case,
        "camera": "cam",
        "category": category,
        "boxes": (SaidBox(at_s=begin, box=box),),
        "first_seen_s": begin,
        "last_seen_s": end,
        "raised_s": begin + DWELL_S,
    }
    return SaidIncident(**(given | more))


def case(name: str, *incidents: SaidIncident, created_s: float | None = None, **more: Any) -> SaidCase:
    first = min((one.raised_s for one in incidents), default=0.0)
    given: dict[str, Any] = {
        "id": name,
        "category": incidents[0].category if incidents else CAR,
        "created_s": first if created_s is None else created_s,
        "incidents": tuple(one.id for one in incidents),
    }
    return SaidCase(**(given | more))


def report(
    *cases: SaidCase,
    incidents: Sequence[SaidIncident] = (),
    blind: Sequence[SaidBlind] = (),
    system: System = "kerbwatch",
) -> Report:
    return Report(system=system, cases=cases, incidents=tuple(incidents), blind=tuple(blind))


def outcomes(score: ScenarioScore) -> dict[str, Outcome]:
    return {one.id: one.outcome for one in score.problems}


def problem_of(score: ScenarioScore, name: str) -> ProblemOutcome:
    return next(one for one in score.problems if one.id == name)


def case_of(score: ScenarioScore, name: str) -> CaseOutcome:
    return next(one for one in score.cases if one.id == name)
