"""The few building blocks of every page. Text from outside goes in as text nodes only, never as markup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import ui
from nicegui.element import Element

STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
"""The theme, for a page's head."""


def box(classes: str = "", tag: str = "div") -> Element:
    """A container; use as a context manager."""
    return ui.element(tag).classes(classes)


def text(content: str, classes: str = "", tag: str = "div") -> ui.label:
    """Text that is escaped by being a text node."""
    label = ui.label(content).classes(classes)
    label.tag = tag
    return label


def button(classes: str, on_click: Callable[[], Any], name: str = "") -> Element:
    """A bare button; fill it as a context manager. ``name`` is its accessible name where its content is an icon."""
    element = ui.element("button").classes(classes).on("click", on_click)
    element.props["type"] = "button"
    if name:
        element.props["aria-label"] = name
        element.props["title"] = name
    return element


def status(icon: str, words: str, kind: str) -> Element:
    """Icon and word together, so that no status is told by colour alone."""
    with box(f"state {kind}") as element:
        ui.icon(icon)
        text(words, tag="span")
    return element


def pair(key: str, value: str) -> ui.label:
    """One line of a ``pairs`` grid; the value's label."""
    text(key, "key")
    return text(value, "value")


def empty(icon: str, title: str, detail: str) -> None:
    """What a page says when it has nothing to show."""
    with box("empty"):
        ui.icon(icon)
        text(title)
        text(detail, "dim")


def table(headings: list[str]) -> Element:
    """A table's body; fill it with ``row`` and ``cell``."""
    with box("grid", "table"):
        with box(tag="thead"), box(tag="tr"):
            for heading in headings:
                text(heading, tag="th")
        return box(tag="tbody")
