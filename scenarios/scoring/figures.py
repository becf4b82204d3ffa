"""The figures of a summary, each with its 95 % interval (low, high) beside it. None: there is no data for it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from scenarios.language.claims import Subject
from scenarios.language.street import Tier
from scenarios.report import System
from scenarios.scoring.intervals import Interval


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Spread(_Strict):
    """Nearest-rank percentiles of ``count`` values, in seconds."""

    count: int
    median: float | None
    median_interval: Interval | None
    p95: float | None
    p95_interval: Interval | None
    worst: float | None


class Figures(_Strict):
    """What ``docs/scoring.md`` defines, for one category or for all but markets, of one tier and system.

    Shares are 0..1, times seconds. Blindness belongs to cameras: it is None in categories.
    """

    problems: int
    found: int
    shown: int
    merged: int
    early: int
    late: int
    split_stays: int
    cases: int
    false_cases: int
    incidents: int
    true_incidents: int
    ended: int
    closed_while_blind_count: int
    camera_days: float

    recall: float | None
    recall_interval: Interval | None
    precision: float | None
    precision_interval: Interval | None
    cases_per_problem: float | None
    cases_per_problem_interval: Interval | None
    incident_recall: float | None
    incident_recall_interval: Interval | None
    incident_precision: float | None
    incident_precision_interval: Interval | None
    incidents_per_problem: float | None
    incidents_per_problem_interval: Interval | None
    false_cases_per_camera_day: float | None
    false_cases_per_camera_day_interval: Interval | None
    false_incidents_per_camera_day: float | None
    false_incidents_per_camera_day_interval: Interval | None

    time_to_case_s: Spread
    lateness_s: Spread
    dwell_error_s: Spread

    wrongly_closed: float | None
    wrongly_closed_interval: Interval | None
    closed_while_blind: float | None
    closed_while_blind_interval: Interval | None
    raised_while_blind: float | None
    raised_while_blind_interval: Interval | None
    blind_spans: int | None = None
    blindness_told: float | None = None
    blindness_told_interval: Interval | None = None
    false_blindness_s_per_camera_hour: float | None = None
    false_blindness_s_per_camera_hour_interval: Interval | None = None

    pairwise_precision: float | None
    pairwise_precision_interval: Interval | None
    pairwise_recall: float | None
    pairwise_recall_interval: Interval | None
    bcubed_precision: float | None
    bcubed_precision_interval: Interval | None
    bcubed_recall: float | None
    bcubed_recall_interval: Interval | None


class TierSummary(_Strict):
    """All scores of one tier and system. ``overall`` is of all categories but ``street_market``."""

    tier: Tier
    system: System
    scenarios: int
    overall: Figures
    categories: dict[Subject, Figures]
