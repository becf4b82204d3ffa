"""Adding up scores (汇总): per tier and system, never pooled over either."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import get_args

from scenarios.language.claims import Subject
from scenarios.language.street import Tier
from scenarios.report import System
from scenarios.scoring.figures import Figures, Spread, TierSummary
from scenarios.scoring.intervals import Bootstrap, Interval, nearest_rank, poisson, wilson
from scenarios.scoring.scores import ScenarioScore, Tally

_DAY_S = 86_400.0
_HOUR_S = 3600.0
Measured = dict[str, float | int | Interval | Spread | None]


def summarise(scores: Sequence[ScenarioScore]) -> tuple[TierSummary, ...]:
    """One summary per tier and system that has scores, in the order of the tiers.

    The order of the scores does not matter.
    """
    groups: dict[tuple[Tier, System], list[ScenarioScore]] = defaultdict(list)
    # The bootstrap draws scenarios by their place, so their order has to be the same in every run.
    for score in sorted(scores, key=lambda one: (one.scenario, one.seed, one.model_dump_json())):
        groups[score.tier, score.system].append(score)
    return tuple(
        _tier(tier, system, groups[tier, system])
        for tier in get_args(Tier)
        for system in get_args(System)
        if (tier, system) in groups
    )


def _tier(tier: Tier, system: System, scores: Sequence[ScenarioScore]) -> TierSummary:
    again = Bootstrap(len(scores))
    camera_s = math.fsum(score.camera_s for score in scores)
    overall = _counted([score.overall for score in scores], camera_s / _DAY_S, again)
    overall |= _blindness(scores, camera_s / _HOUR_S, again)
    # A sensor's false alarms say nothing about how often a camera is wrong.
    alarms = sum(score.categories[Subject.SENSOR_ALARM].false_cases for score in scores)
    false_cases = sum(score.overall.false_cases for score in scores) - alarms
    overall |= _rate("false_cases_per_camera_day", false_cases, camera_s / _DAY_S)
    categories = {
        subject: _category(subject, [score.categories[subject] for score in scores], camera_s / _DAY_S, again)
        for subject in Subject
    }
    return TierSummary(
        tier=tier,
        system=system,
        scenarios=len(scores),
        overall=Figures.model_validate(overall),
        categories=categories,
    )


def _category(subject: Subject, tallies: Sequence[Tally], camera_days: float, again: Bootstrap) -> Figures:
    figures = _counted(tallies, camera_days, again)
    if subject is not Subject.SENSOR_ALARM:
        figures |= _rate("false_cases_per_camera_day", sum(one.false_cases for one in tallies), camera_days)
    return Figures.model_validate(figures)


def _counted(tallies: Sequence[Tally], camera_days: float, again: Bootstrap) -> Measured:
    """All figures that come from the tallies alone."""

    def column(name: str) -> list[float]:
        return [getattr(one, name) for one in tallies]

    def spread(name: str) -> Spread:
        return _spread([getattr(one, name) for one in tallies], again)

    counts = (
        "problems", "found", "shown", "merged", "early", "late", "split_stays", "cases", "false_cases", "incidents",
        "true_incidents", "ended",
    )  # fmt: skip
    totals: dict[str, int] = {name: int(sum(column(name))) for name in counts}
    return {
        **totals,
        "camera_days": camera_days,
        **_share("recall", totals["found"], totals["problems"]),
        **_share("precision", totals["cases"] - totals["false_cases"], totals["cases"]),
        **_ratio("cases_per_problem", column("cases_of_found"), column("found"), again),
        **_share("incident_recall", totals["shown"], totals["problems"]),
        **_share("incident_precision", totals["true_incidents"], totals["incidents"]),
        **_ratio("incidents_per_problem", column("true_incidents"), column("told"), again),
        **_rate("false_cases_per_camera_day", 0, 0.0),
        **_rate("false_incidents_per_camera_day", totals["incidents"] - totals["true_incidents"], camera_days),
        "time_to_case_s": spread("time_to_case_s"),
        "lateness_s": spread("lateness_s"),
        "dwell_error_s": spread("dwell_error_s"),
        **_share("wrongly_closed", int(sum(column("wrongly_closed"))), totals["ended"]),
        "closed_while_blind_count": int(sum(column("closed_while_blind"))),
        **_share("closed_while_blind", int(sum(column("closed_while_blind"))), totals["ended"]),
        **_share("raised_while_blind", int(sum(column("raised_while_blind"))), totals["incidents"]),
        **_grouping(column, again),
    }


def _grouping(column: Callable[[str], list[float]], again: Bootstrap) -> Measured:
    agreed, grouped = column("agreed_pairs"), column("grouped")
    return {
        **_ratio("pairwise_precision", agreed, column("case_pairs"), again),
        **_ratio("pairwise_recall", agreed, column("problem_pairs"), again),
        **_ratio("bcubed_precision", column("bcubed_precision"), grouped, again),
        **_ratio("bcubed_recall", column("bcubed_recall"), grouped, again),
    }


def _blindness(scores: Sequence[ScenarioScore], camera_hours: float, again: Bootstrap) -> Measured:
    spans = sum(len(score.blind) for score in scores)
    told = sum(span.told_in_time for score in scores for span in score.blind)
    false = [score.false_blind_s for score in scores]
    hours = [score.camera_s / _HOUR_S for score in scores]
    return {
        "blind_spans": spans,
        **_share("blindness_told", told, spans),
        **_ratio("false_blindness_s_per_camera_hour", false, hours, again),
    }


def _rate(name: str, events: int, camera_days: float) -> Measured:
    return {
        name: events / camera_days if camera_days > 0 else None,
        f"{name}_interval": poisson(events, camera_days),
    }


def _share(name: str, hits: int, of: int) -> Measured:
    return {name: hits / of if of else None, f"{name}_interval": wilson(hits, of)}


def _ratio(name: str, above: Sequence[float], below: Sequence[float], again: Bootstrap) -> Measured:
    total = math.fsum(below)
    return {
        name: math.fsum(above) / total if total else None,
        f"{name}_interval": again.ratio(above, below),
    }


def _spread(values: Sequence[Sequence[float]], again: Bootstrap) -> Spread:
    flat = [value for one in values for value in one]
    return Spread(
        count=len(flat),
        median=nearest_rank(flat, 50),
        median_interval=again.percentile(values, 50),
        p95=nearest_rank(flat, 95),
        p95_interval=again.percentile(values, 95),
        worst=max(flat, default=None),
    )
