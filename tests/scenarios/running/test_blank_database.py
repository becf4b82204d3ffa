"""The database that runs share one after the other holds nothing of the run before."""

from __future__ import annotations

from sqlalchemy import inspect, text

from scenarios.errors.profile import load_profile
from scenarios.families import build
from scenarios.running.blank_database import blank_database
from scenarios.running.in_process import run_in_process


def test_every_table_is_empty_again_and_the_connection_is_the_same() -> None:
    first = blank_database()
    tables = inspect(first.engine).get_table_names()
    assert "cases" in tables
    run_in_process(build("parked_alone", 1, "short"), load_profile("kerbwatch-nano"))
    again = blank_database()
    assert again is first
    with again.read() as session:
        rows = {name: session.execute(text(f'select count(*) from "{name}"')).scalar_one() for name in tables}
    assert rows.pop("alembic_version") == 1
    assert not any(rows.values()), rows


def test_a_run_after_another_one_says_the_same_as_before_it() -> None:
    profile, scenario = load_profile("kerbwatch-nano"), build("parked_alone", 1, "short")
    before = run_in_process(scenario, profile).report
    run_in_process(build("bag_dumped", 2, "short"), profile)
    after = run_in_process(scenario, profile).report
    assert after.model_copy(update={"wall_s": before.wall_s}) == before
