"""One case with its pictures, facts and append-only history (案件详情)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from uuid import UUID

from nicegui import ui

from alerts.cases import CaseNotFoundError
from alerts.lifecycle import CaseAction, allowed_actions
from alerts.views import CaseDetail, CaseView, HistoryView
from central.console import words
from central.console.decide import Result
from central.console.evidence import EvidencePanel
from central.console.facts import draw_facts
from central.console.frame import Console, Frame
from central.console.parts import box, button, empty, text


class CasePageView:
    """One open case page."""

    def __init__(self, console: Console, cookies: Mapping[str, str], case_id: UUID) -> None:
        self._console = console
        self._case_id = case_id
        self._frame = Frame(console, "/cases", cookies)

    async def build(self) -> None:
        """Ask for the case and draw it, or say that there is none."""
        try:
            detail = await asyncio.to_thread(self._console.cases.detail, self._case_id)
        except CaseNotFoundError:
            with box("page"):
                empty("search_off", "No such case. 查无此案", "It may belong to another centre.")
            return
        with box("case"):
            evidence = EvidencePanel()
            with box("side"):
                with box("facts"):
                    draw_facts(detail.case, self._console.civil, self._console.clock.now())
                    self._merged(detail.case)
                    self._history(detail)
                if CaseAction.CLOSE in allowed_actions(detail.case.state):
                    self._close_button(detail.case)
            evidence.show(detail.case)

    def _merged(self, case: CaseView) -> None:
        if case.merged_into is not None:
            ui.link(
                "Merged into another case: late reports showed the two to be one.", f"/cases/{case.merged_into}"
            )

    def _history(self, detail: CaseDetail) -> None:
        text("History 流转记录", "dim")
        for line in detail.history:
            with box().style("overflow-wrap: anywhere"):
                text(self._console.civil.full(line.at), "mono dim")
                text(history_text(line))

    def _close_button(self, case: CaseView) -> None:
        async def close() -> None:
            if self._frame.operator is None:
                self._frame.ask_name()
                return
            outcome = await self._console.decisions().close(case, self._frame.operator)
            if outcome.result is Result.DONE:
                ui.navigate.reload()
            else:
                ui.notify(outcome.text, type="warning", position="top", timeout=9000, close_button="OK")

        with box("decide").style("grid-template-columns: 1fr"), button("act", close):
            ui.icon("task_alt")
            text("Close the case 结案", tag="span")


def history_text(line: HistoryView) -> str:
    """One line of history: who did what, with its particulars."""
    moved = "" if line.from_state in (None, line.to_state) else f" → {words.label(words.STATES, line.to_state)}"
    particulars = ", ".join(f"{key} {value}" for key, value in line.detail.items() if value not in (None, "", []))
    return f"{line.actor}: {words.label(words.STEPS, line.action)}{moved}" + (
        f" ({particulars})" if particulars else ""
    )
