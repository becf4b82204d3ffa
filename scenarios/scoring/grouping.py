"""How well cases group incidents: pairwise and B-cubed precision and recall (成对与 B³ 指标).

Bagga & Baldwin 1998. Clusters are cases, labels are problems. An incident without a case is a cluster of its own; a
false incident counts where it shares a case with one that shows a problem, under a label of its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.scoring.scores import IncidentOutcome


@dataclass(frozen=True)
class Grouping:
    """Sums over incidents (``precision``, ``recall``) and counts of pairs, to be added up over scenarios."""

    incidents: int
    agreed_pairs: int
    case_pairs: int
    problem_pairs: int
    precision: float
    recall: float


def grouping(incidents: Sequence[IncidentOutcome]) -> Grouping:
    """Counts pairs and sums B-cubed of the incidents that count."""
    items = [(_cluster(one), _label(one)) for one in _counted(incidents)]
    both = Counter(items)
    clusters = Counter(cluster for cluster, _ in items)
    labels = Counter(label for _, label in items)
    return Grouping(
        incidents=len(items),
        agreed_pairs=_pairs(both),
        case_pairs=_pairs(clusters),
        problem_pairs=_pairs(labels),
        precision=math.fsum(n * n / clusters[cluster] for (cluster, _), n in both.items()),
        recall=math.fsum(n * n / labels[label] for (_, label), n in both.items()),
    )


def _counted(incidents: Sequence[IncidentOutcome]) -> list[IncidentOutcome]:
    showing = {one.case for one in incidents if one.problem is not None and one.case is not None}
    return [one for one in incidents if one.problem is not None or one.case in showing]


def _cluster(incident: IncidentOutcome) -> tuple[str, str]:
    return ("alone", incident.id) if incident.case is None else ("case", incident.case)


def _label(incident: IncidentOutcome) -> tuple[str, str]:
    return ("false", incident.id) if incident.problem is None else ("problem", incident.problem)


def _pairs(counts: Counter[tuple[str, str]] | Counter[tuple[tuple[str, str], tuple[str, str]]]) -> int:
    return sum(n * (n - 1) // 2 for n in counts.values())
