"""The page of a run: one HTML file without anything outside it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

import jinja2

from scenarios.evaluation.columns import Shown
from scenarios.evaluation.findings import Finding, clock, findings
from scenarios.evaluation.goal_table import tier_tables
from scenarios.evaluation.item import Item
from scenarios.evaluation.outcome import Outcome, load_judged
from scenarios.evaluation.screen import closing_lines, tier_title
from scenarios.evaluation.store import BASELINE, REPORT, TRUTH, Store
from scenarios.evaluation.timeline import Said, Timeline, timeline
from scenarios.report import Report
from scenarios.truth import Truth

_HERE = Path(__file__).parent
_LABEL = 42
"""Letters of a row's label that have room; the whole of it is in its title."""


@dataclass(frozen=True)
class _Head:
    suite: str
    when: str
    version: str
    machine: str
    command: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Tier:
    title: str
    tables: tuple[Shown, ...]


@dataclass(frozen=True)
class _Scenario:
    title: str
    summary: str
    wrong: tuple[Finding, ...]
    timeline: Timeline


def write_page(outcome: Outcome, store: Store, path: Path) -> None:
    """Write the page; scenarios are read one at a time, so that a full suite fits into memory."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["shorten"] = _shorten
    script = (_HERE / "page.js").read_bytes()
    stream = environment.get_template("page.html.j2").stream(
        run=_head(outcome),
        tiers=[_Tier(tier_title(tier), tier_tables(tier)) for tier in outcome.tiers],
        failed=[{"title": one.title, "reason": one.reason} for one in outcome.failed],
        scenarios=(_scenario(item, store) for item in outcome.items),
        # Only this very script may run, whatever a name manages to put into the page.
        script_sha256=base64.b64encode(hashlib.sha256(script).digest()).decode(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    stream.dump(str(beside), encoding="utf-8")
    beside.replace(path)


def _head(outcome: Outcome) -> _Head:
    run = outcome.run
    return _Head(
        suite=run.suite.name,
        when=run.started_at.strftime("%Y-%m-%d %H:%M UTC"),
        version=run.version,
        machine=run.machine,
        command=run.command,
        notes=tuple(closing_lines(outcome)),
    )


def _scenario(item: Item, store: Store) -> _Scenario:
    folder = store.folder(item)
    truth, judged = Truth.load(folder / TRUTH), load_judged(item, store)
    said = [Said("Kerbwatch", Report.load(folder / REPORT), judged.kerbwatch)]
    if judged.baseline is not None:
        said.append(Said("Baseline", Report.load(folder / BASELINE), judged.baseline))
    scenario = item.scenario
    about = f"{scenario.summary} {clock(truth.duration_s)} long, {len(truth.cameras)} camera(s)"
    return _Scenario(item.title, about, tuple(findings(judged.kerbwatch)), timeline(truth, said))


def _shorten(text: str) -> str:
    return text if len(text) <= _LABEL else f"{text[: _LABEL - 1]}…"
