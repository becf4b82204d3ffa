"""The figures of a measuring run in the form in which a card states them, and a card with new figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ingest.taxonomy import ObjectClass
from models.card import parse_card
from models.card_figures import Figure as CardFigure
from models.catalogue import list_models
from models.evaluation.report import Figure
from models.evaluation.sources import Kind, Labels
from models.training.card_file import figure_tables

_KINDS = {Kind.REAL.value: "real", Kind.COMPOSED.value: "composite", Kind.RENDERED.value: "rendered"}
_TABLE = re.compile(r"\n?\[\[figures\]\]\n(?:(?!\[).*\n?)*")


def card_figures(figures: Sequence[Figure]) -> list[CardFigure]:
    """AP50 per class and source with its interval; figures against a teacher's labels are called pseudo."""
    return [
        CardFigure.model_validate(
            {
                "source": row.folder,
                "kind": "pseudo" if row.labelled_by == Labels.TEACHER.value else _KINDS[row.kind],
                "class": ObjectClass(row.object_class),
                "metric": "AP50",
                "value": row.ap50,
                "low": min(row.low, row.ap50),
                "high": max(row.high, row.ap50),
                "labels": row.labels,
            }
        )
        for row in figures
    ]


def with_figures(card_text: str, figures: Sequence[Figure]) -> str:
    """The card's TOML text with these figures instead of those it had; everything else stays as it was written."""
    return _TABLE.sub("", card_text).rstrip("\n") + "\n" + figure_tables(card_figures(figures))


def write_cards(figures: Sequence[Figure]) -> list[Path]:
    """Puts the figures into the cards of those measured models whose weights ship; returns the changed files.

    Raises CardInvalid where the outcome would be no card; OSError where it cannot be written.
    """
    written = []
    for entry in list_models():
        mine = [row for row in figures if row.model == entry.card.name]
        if entry.has_weights and not entry.own and mine:
            text = with_figures(entry.path.read_text(encoding="utf-8"), mine)
            parse_card(text, origin=str(entry.path))
            entry.path.write_text(text, encoding="utf-8")
            written.append(entry.path)
    return written
