"""The zones of the camera, each with its purpose and rules, editable."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from central.console import words
from central.console.parts import box, button, text
from central.console.words import Word
from ingest.taxonomy import SEEN_CATEGORIES, Category, ZonePurpose
from kerbwatch.camera_setup.draft import CameraDraft, DrawingError, RuleDraft, ZoneDraft

FIELD = "dark dense outlined hide-bottom-space"
PURPOSES = {
    ZonePurpose.CARRIAGEWAY: Word("Carriageway", "车行道"),
    ZonePurpose.PAVEMENT: Word("Pavement", "人行道"),
    ZonePurpose.NO_STOPPING: Word("No stopping", "禁停区"),
    ZonePurpose.SHOP_FRONT: Word("Shop front", "门店前"),
    ZonePurpose.GARBAGE_POINT: Word("Garbage point", "垃圾投放点"),
    ZonePurpose.RELIEF_POINT: Word("Relief point", "疏导点"),
    ZonePurpose.PARKING_BAY: Word("Parking bay", "停车位"),
}


class ZonePanel:
    """The list of zones.

    Args:
        draft: The drawing, changed in place.
        changed: Called after every change.
    """

    def __init__(self, draft: CameraDraft, changed: Callable[[], None]) -> None:
        self._draft = draft
        self._changed = changed
        with box("part"):
            text("Zones 区域", tag="h2")
            self._list = box("part")
        self.draw()

    def draw(self) -> None:
        """Build the list anew after a zone or rule came or went."""
        self._list.clear()
        with self._list:
            if not self._draft.zones:
                text("None yet: click the corners of the first one on the picture.", "dim")
            for number, zone in enumerate(self._draft.zones, start=1):
                self._zone(number, zone)

    def _zone(self, number: int, zone: ZoneDraft) -> None:
        with box("zone"):
            with box("two"):
                name = ui.input(f"Zone {number}", value=zone.name).props(FIELD)
                name.on_value_change(lambda e: self._set_name(zone, e.value))
                options = {purpose: str(word) for purpose, word in PURPOSES.items()}
                purpose = ui.select(options, label="Purpose 用途", value=zone.purpose).props(FIELD)
                purpose.on_value_change(lambda e: self._set_purpose(zone, e.value))
                self._delete("Delete this zone", lambda: self._draft.zones.remove(zone))
            for rule in zone.rules:
                self._rule(zone, rule)
            if not zone.rules:
                text("No rule: nothing is raised here.", "small dim")
            with box("row"), button("plain-button", lambda: self._add_rule(zone)):
                ui.icon("add")
                text("rule 规则", tag="span")

    def _rule(self, zone: ZoneDraft, rule: RuleDraft) -> None:
        with box("rule"):
            options = {category: str(words.CATEGORIES[category]) for category in SEEN_CATEGORIES}
            category = ui.select(options, label="Raise 事项", value=rule.category).props(FIELD)
            category.on_value_change(lambda e: self._set_category(rule, e.value))
            dwell = ui.number("after 滞留", value=rule.dwell_s, suffix="s").props(FIELD)
            dwell.on_value_change(lambda e: self._set_dwell(rule, e.value))
            self._delete("Delete this rule", lambda: zone.rules.remove(rule))

    def _delete(self, title: str, act: Callable[[], None]) -> None:
        def gone() -> None:
            act()
            self.draw()
            self._changed()

        with button("small-button", gone, title):
            ui.icon("close")

    def _set_name(self, zone: ZoneDraft, name: str | None) -> None:
        zone.name = (name or "").strip()
        self._changed()

    def _set_purpose(self, zone: ZoneDraft, purpose: ZonePurpose) -> None:
        zone.change_purpose(ZonePurpose(purpose))
        self.draw()
        self._changed()

    def _set_category(self, rule: RuleDraft, category: Category) -> None:
        rule.category = Category(category)
        self._changed()

    def _set_dwell(self, rule: RuleDraft, dwell_s: float | None) -> None:
        # An emptied field is no dwell at all, which the check of the block refuses by name.
        rule.dwell_s = float(dwell_s or 0)
        self._changed()

    def _add_rule(self, zone: ZoneDraft) -> None:
        try:
            zone.add_rule()
        except DrawingError as error:
            ui.notify(str(error), type="warning", position="top")
            return
        self.draw()
        self._changed()
