"""Every value that can be stored has a word in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest

from alerts.lifecycle import CaseAction, CaseState, DismissalReason
from central.console import words
from central.console.decision_bar import HINTS
from central.console.keys import REASON_KEYS
from central.console.words import Word
from ingest.messages import EvidenceRole
from ingest.taxonomy import Category, ObjectClass


@pytest.mark.parametrize(
    ("vocabulary", "table"),
    [
        (Category, words.CATEGORIES),
        (ObjectClass, words.OBJECTS),
        (CaseState, words.STATES),
        (CaseAction, words.ACTIONS),
        (DismissalReason, words.REASONS),
        (EvidenceRole, words.ROLES),
    ],
)
def test_no_value_is_without_its_word(vocabulary: Iterable[StrEnum], table: Mapping[str, Word]) -> None:
    for value in vocabulary:
        assert table[value].english
        assert table[value].chinese


def test_every_reason_has_a_key_and_a_hint() -> None:
    assert set(REASON_KEYS.values()) == set(HINTS) == set(DismissalReason)


def test_a_value_from_a_newer_node_is_shown_as_it_came() -> None:
    assert words.label(words.CATEGORIES, "flying_stall") == "flying_stall"
