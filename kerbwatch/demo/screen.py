"""The demo on the terminal: nodes at work, cases as they appear, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kerbwatch.demo.centre_client import LiveCase, LiveNode
from kerbwatch.demo.plan import START_AT
from kerbwatch.demo.verdict import Finding, Verdict

STYLES = {Finding.FOUND_ONCE: "green", Finding.MISSED: "red", Finding.DOUBLED: "red", Finding.INVENTED: "red"}


def progress(url: str, broker: str, nodes: Sequence[LiveNode], cases: Sequence[LiveCase]) -> RenderableType:
    """One picture of the running demo."""
    header = Text.assemble(
        ("Console  ", "bold"), (url, "bold cyan"), f"   broker: {broker}   Ctrl-C ends the demo"
    )
    return Panel(Group(header, "", _nodes(nodes), "", _cases(cases)), title="kerbwatch demo")


def _nodes(nodes: Sequence[LiveNode]) -> Table:
    table = Table("Node", "State", "Camera", "Looks", "Last look (UTC)", "Events waiting", expand=True)
    for node in nodes:
        last_look = node.last_look.replace("T", " ")[:19]
        table.add_row(node.name, node.state, node.camera_state, str(node.looks), last_look, str(node.waiting))
    if not nodes:
        table.add_row("starting ...", "", "", "", "", "")
    return table


def _cases(cases: Sequence[LiveCase]) -> Table:
    table = Table("Case", "Category", "Camera", "State", "Why", expand=True)
    for case in cases:
        found = case.found
        table.add_row(found.number, found.category, f"{found.node}/{found.camera}", case.state, case.why)
    if not cases:
        table.add_row("none yet", "", "", "", "problems must stand for their dwell first")
    return table


def comparison(seed: int, verdict: Verdict) -> Table:
    """Cases beside the truth."""
    table = Table("Truth", "Stands from", "Finding", "Case", title=f"Seed {seed}: cases beside the truth")
    for row in verdict.rows:
        truth = f"{row.problem.category} ({row.problem.camera})" if row.problem else "nothing"
        start = f"{row.problem.start_s:.0f} s" if row.problem else ""
        cases = ", ".join(f"{case.number} {case.category} ({case.camera})" for case in row.cases) or "none"
        table.add_row(truth, start, Text(row.finding, style=STYLES[row.finding]), cases)
    table.caption = f"media time starts at {START_AT}"
    return table
