"""Tables on terminals of any width: no figure is ever cut or broken into lines."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from scenarios.evaluation.columns import tables
from scenarios.evaluation.screen import fitting
from scenarios.scoring import score, summarise
from tests.scenarios.evaluation.doubles import report, truth


@pytest.mark.parametrize("width", [60, 80, 100, 120, 180])
def test_every_figure_is_whole_whatever_the_width(width: int) -> None:
    made = truth("street")
    (ours,) = summarise([score(made, report("kerbwatch"))])
    (other,) = summarise([score(made, report("baseline", cases=2))])
    for shown in tables(ours, other):
        console = Console(width=width, record=True, file=StringIO())
        parts = list(fitting(shown, width))
        for part in parts:
            console.print(part)
        lines = console.export_text().splitlines()
        assert all(len(line) <= width for line in lines)
        assert "…" not in "".join(lines)
        cells = [cell for row in shown.rows for cell in row.cells]
        assert all(any(cell in line for line in lines) for cell in cells)
        assert sum(line.startswith(" overall ") for line in lines) == len(parts), "a row is one line"
        assert len(parts) == 1 or width < 180
