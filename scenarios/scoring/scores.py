"""What became of every problem, case and incident of one scenario, and the tallies that summaries add up.

Times are seconds since the scenario's start. ``docs/scoring.md`` defines every term.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from scenarios.language.claims import Subject
from scenarios.language.street import Tier
from scenarios.report import System


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Outcome(StrEnum):
    """What became of a true problem (结果)."""

    FOUND = "found"  # a case of its own, in time
    EARLY = "early"  # a case of its own before its dwell had passed
    LATE = "late"  # a case of its own long after its dwell had passed
    MERGED = "merged"  # only inside a case that belongs to another problem
    MISSED = "missed"


HAS_CASE = frozenset({Outcome.FOUND, Outcome.EARLY, Outcome.LATE})


class WhyFalse(StrEnum):
    """Why something is false where no decoy explains it (a decoy's own reason is an ``Innocence``)."""

    WRONG_CATEGORY = "wrong_category"
    NO_INCIDENT = "no_incident"
    UNEXPLAINED = "unexplained"


class ProblemOutcome(_Strict):
    """One true problem, or one true market (category ``street_market``).

    ``cases`` belong to it, ``shared_cases`` belong to another problem and hold an incident of it. ``dwell_error_s``
    is of its longest incident, ``stay_s`` the true stay that it is an error of; ``cameras`` told it, ``split_stay``:
    one of them told its stay as several incidents.
    """

    id: str
    category: Subject
    outcome: Outcome
    cases: tuple[str, ...]
    shared_cases: tuple[str, ...] = ()
    incidents: tuple[str, ...] = ()
    time_to_case_s: float | None = None
    lateness_s: float | None = None
    dwell_error_s: float | None = None
    stay_s: float | None = None
    cameras: tuple[str, ...] = ()
    split_stay: bool = False


class CaseOutcome(_Strict):
    """One case: the problem (or market) it belongs to, else it is false and ``explanation`` says why.

    ``explained_by`` is the decoy, or the problem of another category, that it shows.
    """

    id: str
    category: Subject
    created_s: float | None
    problem: str | None
    explanation: str | None = None
    explained_by: str | None = None


class IncidentOutcome(_Strict):
    """One incident: the problem it shows and how well their boxes agree, else it is false."""

    id: str
    case: str | None
    category: Subject
    problem: str | None
    iou: float | None = None
    explanation: str | None = None
    explained_by: str | None = None
    ended: bool = False
    wrongly_closed: bool = False
    closed_while_blind: bool = False
    raised_while_blind: bool = False


class BlindOutcome(_Strict):
    """One true blind span that must be told; ``told_s`` is when a report that overlaps it was first told. ``zones``: of
    these only (none named: of the camera), and then when the last of them was first told."""

    camera: str
    from_s: float
    to_s: float
    zones: tuple[str, ...] = ()
    told_s: float | None
    told_in_time: bool


class Tally(_Strict):
    """Counts and raw values of one category, or of all but markets; sums of them make the figures.

    ``cases_of_found`` is summed over found problems. ``shown`` are the problems that an incident shows, ``told`` the
    pairs of such a problem and a camera that told it, ``true_incidents`` show one. ``bcubed_*`` are sums over the
    ``grouped`` incidents; ``*_pairs`` count pairs of them.
    """

    problems: int
    found: int
    merged: int
    early: int
    late: int
    split_stays: int
    cases: int
    false_cases: int
    cases_of_found: int
    shown: int
    told: int
    incidents: int
    true_incidents: int
    ended: int
    wrongly_closed: int
    closed_while_blind: int
    raised_while_blind: int
    grouped: int
    agreed_pairs: int
    case_pairs: int
    problem_pairs: int
    bcubed_precision: float
    bcubed_recall: float
    time_to_case_s: tuple[float, ...]
    lateness_s: tuple[float, ...]
    dwell_error_s: tuple[float, ...]


class ScenarioScore(_Strict):
    """The score of what one system said about one scenario."""

    scenario: str
    family: str
    seed: int
    tier: Tier
    system: System
    duration_s: float
    look_interval_s: float
    camera_s: float
    false_blind_s: float
    problems: tuple[ProblemOutcome, ...]
    cases: tuple[CaseOutcome, ...]
    incidents: tuple[IncidentOutcome, ...]
    blind: tuple[BlindOutcome, ...]
    overall: Tally
    categories: dict[Subject, Tally]
