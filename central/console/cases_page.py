"""All cases by state (案件列表)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from nicegui import ui

from alerts.lifecycle import CaseState
from alerts.views import CaseView
from central.console import words
from central.console.facts import live_status, stood_for
from central.console.frame import Console, Frame
from central.console.parts import box, empty, status, table, text

PAGE_SIZE = 50
DECIDED = (CaseState.FILED, CaseState.VOIDED, CaseState.CLOSED)


class CasesPage:
    """One open list of cases.

    Args:
        console: What the page works with.
        cookies: The browser's cookies.
        state: The state to show; anything unknown means every decided one.
        page: Counted from 1.
    """

    def __init__(self, console: Console, cookies: Mapping[str, str], state: str, page: int) -> None:
        self._console = console
        self._state = CaseState(state) if state in set(CaseState) else None
        self._page = min(max(1, page), 10_000)
        Frame(console, "/cases", cookies)

    async def build(self) -> None:
        """Ask for the page's cases and draw them."""
        states = (self._state,) if self._state else DECIDED
        found = await asyncio.to_thread(
            self._console.cases.list_cases, states=states, limit=PAGE_SIZE, offset=(self._page - 1) * PAGE_SIZE
        )
        with box("page"):
            with box("row"):
                self._filter(None, "All decided 已审核")
                for state in CaseState:
                    self._filter(state, words.label(words.STATES, state))
                box("grow")
                text(f"{found.total} cases", "dim")
            if not found.cases:
                empty("folder_open", "No case in this state. 暂无案件", "Decide cases in the queue.")
                return
            with table(
                ["Case", "What 事项", "State 状态", "Still there", "Place 地点", "Since 起始", "Decided 审核"]
            ):
                for case in found.cases:
                    self._row(case)
            self._pager(found.total)

    def _filter(self, state: CaseState | None, title: str) -> None:
        with box("chip here" if state is self._state else "chip", "a") as chip:
            chip.props["href"] = f"/cases?state={state}" if state else "/cases"
            if state:
                ui.icon(words.STATE_ICONS[state])
            text(title, tag="span")

    def _row(self, case: CaseView) -> None:
        civil, now = self._console.civil, self._console.clock.now()
        with box(tag="tr"):
            with box(tag="td"):
                ui.link(f"#{case.number}", f"/cases/{case.id}")
            text(words.label(words.CATEGORIES, case.category), tag="td")
            with box(tag="td"):
                status(words.STATE_ICONS.get(case.state, "help"), words.label(words.STATES, case.state), "")
            with box(tag="td"):
                live_status(case)
            text(f"{case.site} / {case.node} / {case.camera} · {case.zone}", tag="td")
            text(f"{civil.moment(case.since, now)} · {stood_for(case)}", tag="td")
            text(decision_text(case, self._console), tag="td")

    def _pager(self, total: int) -> None:
        last = -(-total // PAGE_SIZE)
        state = f"&state={self._state}" if self._state else ""
        with box("row"):
            if self._page > 1:
                ui.link("← newer", f"/cases?page={self._page - 1}{state}")
            text(f"page {self._page} of {last}", "dim")
            if self._page < last:
                ui.link("older →", f"/cases?page={self._page + 1}{state}")


def decision_text(case: CaseView, console: Console) -> str:
    """Who decided what when, with the reason of a dismissal."""
    taken = case.decision
    if taken is None:
        return "not decided"
    reason = f" ({words.label(words.REASONS, taken.reason)})" if taken.reason else ""
    note = f" · {taken.note}" if taken.note else ""
    when = console.civil.moment(taken.at, console.clock.now())
    return f"{words.label(words.ACTIONS, taken.action)}{reason} by {taken.operator}, {when}{note}"
