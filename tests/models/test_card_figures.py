from __future__ import annotations

import pytest

from models.card import ModelCard, parse_card
from models.errors import CardInvalid
from tests.models.parcels import card_text

FIGURE = {
    "source": '"dhaka"',
    "kind": '"real"',
    "class": '"person"',
    "metric": '"AP50"',
    "value": "0.5",
    "labels": "7",
}


def card(more: str = "", head: str = "") -> ModelCard:
    return parse_card(head + card_text(b"", more=more), origin="x.toml")


def figure(**changes: str) -> str:
    rows = FIGURE | changes
    return "[[figures]]\n" + "".join(f"{key} = {value}\n" for key, value in rows.items())


def test_a_card_states_figures_per_class_and_source_with_intervals() -> None:
    full = card(figure(low="0.4", high="0.6") + figure(kind='"rendered"', source='"streets"'))
    assert [(one.source, one.class_, one.low) for one in full.figures] == [
        ("dhaka", "person", 0.4),
        ("streets", "person", None),
    ]


def test_a_card_states_variant_experimental_classes_curves_and_data_sheets() -> None:
    made = card(
        '[variant]\nof = "kerbwatch-nano"\nprecision = "int8"\ncalibration = "300 street pictures"\n',
        head='experimental = ["person"]\nrobustness = ["docs/models.md#robustness"]\n',
    )
    assert made.variant is not None
    assert made.variant.of == "kerbwatch-nano"
    assert made.experimental == ("person",)
    text = card_text(b"").replace('licence = "x" }', 'licence = "x", data_sheets = ["docs/data/dhaka.md"] }')
    assert parse_card(text, origin="x").provenance.data_sheets == ("docs/data/dhaka.md",)


def test_a_card_without_any_of_it_still_loads() -> None:
    old = card()
    assert (old.figures, old.smoke, old.experimental, old.variant, old.robustness) == ((), (), (), None, ())


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (figure(low="0.6", high="0.7"), "not between low"),
        (figure(low="0.4"), "belong together"),
        (figure(value="1.5"), r"figures\.0\.value"),
        (figure(value="nan"), r"figures\.0\.value"),
        (figure(kind='"pooled"'), r"figures\.0\.kind"),
        (figure(labels="0"), r"figures\.0\.labels"),
        (figure(**{"class": '"stall"'}), "figures names"),
        (figure() + figure(), "twice"),
        ('[variant]\nof = "mine"\nprecision = "int8"', "this very card"),
        ('[variant]\nof = "other"\nprecision = "int3"', "variant.precision"),
        ('[[smoke]]\nclass = "stall"\nscore = 0.5\nbox = [0.0, 0.0, 1.0, 1.0]', "smoke names"),
        ('[[smoke]]\nclass = "person"\nscore = 0.5\nbox = [0.5, 0.0, 0.5, 1.0]', "no area"),
    ],
)
def test_what_a_card_cannot_mean_is_refused_naming_the_field(more: str, said: str) -> None:
    with pytest.raises(CardInvalid, match=said):
        card(more)


def test_experimental_must_name_a_class_of_the_card() -> None:
    with pytest.raises(CardInvalid, match="experimental names"):
        card(head='experimental = ["stall"]\n')
