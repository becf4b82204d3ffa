"""A run's figures as Markdown, for ``docs/accuracy.md``: nobody copies numbers by hand.

In a file that has the two marks only what stands between them is replaced; the words around it stay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from scenarios.evaluation.columns import Shown
from scenarios.evaluation.findings import Wrong, findings
from scenarios.evaluation.goal_table import tier_tables
from scenarios.evaluation.outcome import Outcome, TierOutcome
from scenarios.evaluation.screen import closing_lines, tier_title
from scenarios.evaluation.store import write_atomically

BEGIN = "<!-- figures: begin -->"
END = "<!-- figures: end -->"
_FAMILIES = 12
"""So many families are named for each kind of mistake."""


class MarksMissingError(ValueError):
    """The file is there, but without the two marks: its text would be lost."""


def write_markdown(outcome: Outcome, path: Path) -> None:
    """Write the figures into a Markdown file.

    Raises:
        MarksMissingError: The file has text and no marks, or they stand in the wrong order.
        OSError: It cannot be read or written.
    """
    before, after = around(path)
    write_atomically(path, before + "\n".join([BEGIN, "", *_lines(outcome), END]) + after)


def around(path: Path) -> tuple[str, str]:
    """The text before and after the figures; raises as :func:`write_markdown` would."""
    if not path.exists():
        return "", "\n"
    before, found, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise MarksMissingError(f"{path} has no {BEGIN} followed by {END}; put them where the figures belong")
    return before, after


def _lines(outcome: Outcome) -> Iterator[str]:
    run = outcome.run
    yield from ("```console", f"$ {run.command}", "```", "")
    yield f"Kerbwatch {run.version}, {run.started_at:%Y-%m-%d}, on {run.machine}."
    yield f"Detector `{run.settings.model}`, error profile `{run.settings.error_profile}`."
    yield f"Items: {'; '.join(closing_lines(outcome))}."
    yield ""
    for tier in outcome.tiers:
        yield f"## {tier_title(tier)}"
        yield ""
        for shown in tier_tables(tier):
            yield from _table(shown)
        yield from _mistakes(tier)


def _table(shown: Shown) -> Iterator[str]:
    heads = [head.replace("\n", " ") for head in shown.heads]
    yield f"**{shown.title}**"
    yield ""
    yield "| category | " + " | ".join(heads) + " |"
    yield "|---|" + "---:|" * len(heads)
    for line in shown.rows:
        yield f"| {line.label} | " + " | ".join(line.cells) + " |"
    yield ""


def _mistakes(tier: TierOutcome) -> Iterator[str]:
    """Which families the mistakes are in, the most frequent first."""
    where: dict[Wrong, Counter[str]] = {wrong: Counter() for wrong in Wrong}
    for judged in tier.judged:
        for finding in findings(judged.kerbwatch):
            where[finding.wrong][judged.kerbwatch.family] += 1
    for wrong, families in where.items():
        if families:
            named = ", ".join(f"{name} {count}" for name, count in families.most_common(_FAMILIES))
            more = len(families) - _FAMILIES
            yield f"- {wrong}: {families.total()} ({named}{f', {more} more families' if more > 0 else ''})"
    yield ""
