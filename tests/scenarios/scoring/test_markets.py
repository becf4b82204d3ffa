"""Markets: found when one parent case holds two thirds of the members' cases."""

from __future__ import annotations

import pytest

from scenarios.language.claims import Subject
from scenarios.report import SaidCase
from scenarios.scoring import Outcome, ScenarioScore, score, summarise
from scenarios.truth import TrueMarket
from tests.scenarios.scoring.hand_made import VENDOR, A, B, C, D, case, outcomes, problem, report, said, truth

PLACES = {"u": A, "v": B, "w": C}
MARKET = TrueMarket(id="m", members=("u", "v", "w"), start_s=100.0)


def scored(parents: dict[str, str], *groups: SaidCase) -> ScenarioScore:
    """Three vendors with a case each; ``parents`` by vendor."""
    vendors = [problem(name, box, category=VENDOR) for name, box in PLACES.items()]
    told = [said(f"i-{name}", box, category=VENDOR) for name, box in PLACES.items()]
    cases = [case(f"c-{one.id[2:]}", one, parent=parents.get(one.id[2:])) for one in told]
    return score(truth(*vendors, markets=[MARKET]), report(*cases, *groups, incidents=told))


def parent(name: str, created_s: float) -> SaidCase:
    return SaidCase(id=name, category=Subject.STREET_MARKET, created_s=created_s)


@pytest.mark.parametrize(
    ("parents", "outcome"),
    [
        ({"u": "k", "v": "k", "w": "k"}, Outcome.FOUND),
        ({"u": "k", "v": "k"}, Outcome.FOUND),
        ({"u": "k", "v": "l", "w": "n"}, Outcome.MISSED),
        ({}, Outcome.MISSED),
    ],
)
def test_a_market_is_found_when_one_case_holds_two_thirds_of_its_members(
    parents: dict[str, str], outcome: Outcome
) -> None:
    assert outcomes(scored(parents))["m"] is outcome


def test_market_figures_stand_apart_from_the_vendors() -> None:
    got = scored({"u": "k", "v": "k", "w": "k"}, parent("k", 160), parent("l", 200))
    (summary,) = summarise([got])
    market = summary.categories[Subject.STREET_MARKET]
    assert (market.recall, market.precision, market.cases_per_problem) == (1, 0.5, 1)
    assert market.time_to_case_s.median == 60
    assert market.lateness_s.median is None
    assert (summary.overall.problems, summary.overall.cases, summary.overall.false_cases) == (3, 3, 0)
    assert summary.categories[VENDOR].recall == 1


def test_a_vendors_own_case_may_be_the_parent() -> None:
    assert outcomes(scored({"v": "c-u"}))["m"] is Outcome.FOUND


def test_false_cases_in_a_group_make_no_market() -> None:
    vendors = [problem(name, box, category=VENDOR) for name, box in PLACES.items()]
    told = [said("i", A, category=VENDOR), said("j", D, category=VENDOR)]
    cases = [case("c", told[0], parent="k"), case("d", told[1], parent="k")]
    assert (
        outcomes(score(truth(*vendors, markets=[MARKET]), report(*cases, incidents=told)))["m"] is Outcome.MISSED
    )
