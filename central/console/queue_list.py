"""The left column: pending cases, updated in place so that scrolling, selection and focus survive every change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from nicegui import ui

from alerts.views import CaseView
from central.console import words
from central.console.civil import CivilTime
from central.console.facts import ABANDONED_ICON, GONE_ICON, LIVE_ICON, is_abandoned, since_text, stood_for
from central.console.parts import box, empty, status, text

NO_SCROLL = "(event) => { if (['ArrowUp', 'ArrowDown', ' '].includes(event.key)) event.preventDefault() }"
"""The arrows move the selection; the browser must not scroll the list as well."""


class _Item:
    """One case in the list."""

    def __init__(self, case: CaseView, select: Callable[[UUID], None]) -> None:
        word = words.CATEGORIES.get(case.category)
        with box("item") as self.element:
            self.element.props["role"] = "option"
            self.element.props["data-case"] = str(case.number)
            self.element.on("click", lambda: select(case.id))
            ui.icon(words.CATEGORY_ICONS.get(case.category, "help")).classes("kind")
            with box("ellipsis"):
                text(word.english if word else case.category, "name", "span")
                text(f" {word.chinese}" if word else "", "dim", "span")
            text(f"#{case.number}", "dim")
            text(f"{case.camera} · {case.zone}", "small wide ellipsis")
            with box("small wide row"):
                self._icon = ui.icon("")
                self._since = text("", "ellipsis grow", "span")
                self._abandoned = status(ABANDONED_ICON, words.ABANDONED.chinese, "warn")
                self._abandoned.props["title"] = str(words.ABANDONED)
                self._again = text("", tag="span")

    def update(self, case: CaseView, civil: CivilTime, now: datetime) -> None:
        self._icon.name = LIVE_ICON if case.live else GONE_ICON
        self._icon.classes(add="live" if case.live else "", remove="" if case.live else "live")
        self._since.set_text(f"{'' if case.live else 'gone · '}{stood_for(case)} · {since_text(case, civil, now)}")
        self._abandoned.set_visibility(is_abandoned(case))
        self._again.set_text(f"{case.recurrence_count}× before" if case.recurrence_count else "")
        self.element.classes(add="" if case.live else "ended", remove="ended" if case.live else "")

    def mark(self, selected: bool) -> None:
        self.element.classes(add="selected" if selected else "", remove="" if selected else "selected")
        self.element.props["aria-selected"] = "true" if selected else "false"


class QueueList:
    """The list of pending cases.

    Args:
        select: Called with the case an operator clicks.
        civil: How times are shown.
    """

    def __init__(self, select: Callable[[UUID], None], civil: CivilTime) -> None:
        self._select = select
        self._civil = civil
        self._items: dict[UUID, _Item] = {}
        self._order: list[UUID] = []
        self._selected: UUID | None = None
        with box("list") as container:
            container.props["role"] = "listbox"
            container.props["tabindex"] = "0"
            container.props["aria-label"] = "Review queue"
            container.on("keydown", js_handler=NO_SCROLL)
            self._rows = box()
            self._more = text("", "more dim")
            with box() as self._empty:
                empty("task_alt", "Nothing to review. 暂无待审核案件", "New cases appear here by themselves.")

    def show(self, queue: Sequence[CaseView], selected: UUID | None, now: datetime, total: int) -> None:
        """Make the list equal to ``queue``, the head of ``total`` cases, touching only what changed."""
        wanted = [case.id for case in queue]
        for gone in self._items.keys() - set(wanted):
            self._items.pop(gone).element.delete()
        order = [case_id for case_id in self._order if case_id in self._items]
        with self._rows:
            for case in queue:
                if case.id not in self._items:
                    self._items[case.id] = _Item(case, self._select)
                    order.append(case.id)
                self._items[case.id].update(case, self._civil, now)
        if order != wanted:
            for place, case_id in enumerate(wanted):
                self._items[case_id].element.move(self._rows, place)
        self._order = wanted
        self._empty.set_visibility(not wanted)
        rest = total - len(wanted)
        self._more.set_visibility(rest > 0)
        self._more.set_text(f"and {rest} more, which move up as you decide")
        self.mark(selected)

    def mark(self, selected: UUID | None) -> None:
        """Show which case is selected and bring it into view."""
        if selected == self._selected:
            return
        for case_id, is_selected in ((self._selected, False), (selected, True)):
            if case_id in self._items:
                self._items[case_id].mark(is_selected)
        self._selected = selected
        if selected in self._items:
            element = self._items[selected].element.id
            ui.run_javascript(f"getElement({element})?.scrollIntoView({{block: 'nearest'}})")
