"""The review queue (审核台): look, confirm or dismiss, next; by keyboard, live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from nicegui import ui
from nicegui.events import KeyEventArguments

from alerts.lifecycle import DismissalReason
from alerts.views import CaseView
from central.console.civil import ago
from central.console.decide import SETTLE_S, Outcome, Result
from central.console.decision_bar import DecisionBar
from central.console.evidence import EvidencePanel
from central.console.facts import draw_facts
from central.console.feed import Snapshot
from central.console.frame import Console, Frame
from central.console.keys import HELP, Command, command_for
from central.console.parts import box, button, text
from central.console.queue_list import QueueList
from central.console.selection import kept, moved
from ingest.messages import EvidenceRole

Decision = Callable[[CaseView, str], Awaitable[Outcome]]


class QueuePage:
    """One open queue page."""

    def __init__(self, console: Console, cookies: Mapping[str, str]) -> None:
        self._console = console
        self._decisions = console.decisions()
        self._queue: tuple[CaseView, ...] = ()
        self._selected: UUID | None = None
        self._told: object = None
        self._settled_at = 0.0
        self._busy = False
        self._last: Outcome | None = None
        self._frame = Frame(console, "/", cookies, self._on_snapshot)
        with box("review"):
            self._list = QueueList(self._select, console.civil)
            self._evidence = EvidencePanel()
            with box("side"):
                self._facts = box("facts")
                self._bar = DecisionBar(self._confirm, self._dismiss)
        self._bar.show(False)
        self._help = _help_sheet()
        self._build_bottom()
        ui.keyboard(self._on_key, ignore=["input", "select", "textarea"])
        # Enter on a focused button or link belongs to that; it must not confirm the case as well.
        ui.keyboard(self._on_enter).props["ignore"] = ["input", "select", "textarea", "button", "a"]

    @property
    def _case(self) -> CaseView | None:
        return next((case for case in self._queue if case.id == self._selected), None)

    async def _on_snapshot(self, snapshot: Snapshot) -> None:
        before = [case.id for case in self._queue]
        looked_at = self._case
        self._queue = snapshot.queue
        taken_away = looked_at is not None and self._case is None and not self._busy
        selected = kept(before, [case.id for case in self._queue], self._selected)
        if selected != self._selected:
            self._settled_at = self._console.clock.monotonic() + SETTLE_S
            self._bar.close_reasons()
            ui.timer(SETTLE_S, self._show_settling, once=True)
        self._selected = selected
        self._show_settling()
        self._list.show(self._queue, selected, self._console.clock.now(), snapshot.pending)
        self._show_case()
        if looked_at is not None and taken_away:
            self._say(await self._decisions.explain_gone(looked_at))

    def _select(self, case_id: UUID | None) -> None:
        if case_id != self._selected:
            self._bar.close_reasons()
        self._selected = case_id
        self._list.mark(case_id)
        self._show_case()

    def _show_case(self) -> None:
        case = self._case
        now = self._console.clock.now()
        self._evidence.show(case)
        self._bar.show(case is not None)
        told = case and (case, ago(case.last_seen, now))
        if told != self._told:
            self._told = told
            self._facts.clear()
            if case is not None:
                with self._facts:
                    draw_facts(case, self._console.civil, now)

    @property
    def _settling(self) -> bool:
        return self._console.clock.monotonic() < self._settled_at

    def _show_settling(self) -> None:
        self._bar.show_settling(self._settling)

    async def _confirm(self) -> None:
        if not self._settling:
            await self._decide(self._decisions.file)

    async def _dismiss(self, reason: DismissalReason) -> None:
        await self._decide(lambda case, operator: self._decisions.dismiss(case, operator, reason))

    async def _decide(self, decision: Decision) -> None:
        case = self._case
        if case is None or self._busy:
            return
        if self._frame.operator is None:
            self._frame.ask_name()
            return
        self._busy = True
        try:
            self._say(await decision(case, self._frame.operator))
            self._bar.close_reasons()
            self._console.feed.invalidate()
            await self._frame.refresh()
        finally:
            self._busy = False

    def _say(self, outcome: Outcome) -> None:
        self._last = outcome
        self._said.set_text(outcome.text)
        self._said.classes(replace=f"said ellipsis {outcome.result}")
        if outcome.result is not Result.DONE:
            ui.notify(outcome.text, type="warning", position="top", timeout=9000, close_button="OK")

    def _show_last(self) -> None:
        if self._last is None:
            ui.notify("No decision yet on this page.", position="bottom", timeout=2500)
            return
        when = self._console.civil.moment(self._last.at, self._console.clock.now())
        ui.notify(f"{when} · {self._last.text}", position="bottom", timeout=6000)

    async def _on_enter(self, event: KeyEventArguments) -> None:
        if event.key.enter:
            await self._obey_key(event)

    async def _on_key(self, event: KeyEventArguments) -> None:
        if not event.key.enter:
            await self._obey_key(event)

    async def _obey_key(self, event: KeyEventArguments) -> None:
        held = event.modifiers
        if not event.action.keydown or self._frame.asking:
            return
        command = command_for(
            event.key.name,
            choosing=self._bar.choosing,
            modified=held.ctrl or held.alt or held.meta,
            repeat=event.action.repeat,
        )
        if isinstance(command, DismissalReason):
            await self._dismiss(command)
        elif command is Command.CONFIRM:
            await self._confirm()
        elif command is not None:
            self._obey(command)

    def _obey(self, command: Command) -> None:
        ids = [case.id for case in self._queue]
        actions: dict[Command, Callable[[], object]] = {
            Command.NEXT: lambda: self._select(moved(ids, self._selected, 1)),
            Command.PREVIOUS: lambda: self._select(moved(ids, self._selected, -1)),
            Command.CHOOSE_REASON: lambda: self._bar.open_reasons() if self._case else None,
            Command.CANCEL: self._bar.close_reasons,
            Command.BEFORE: lambda: self._evidence.toggle(EvidenceRole.BEFORE),
            Command.CLOSE_UP: lambda: self._evidence.toggle(EvidenceRole.CROP),
            Command.LAST_ACTION: self._show_last,
            Command.HELP: self._help.open,
        }
        actions[command]()

    def _build_bottom(self) -> None:
        with box("bottom", "footer"):
            self._said = text("", "said ellipsis", "span")
            self._said.props["aria-live"] = "polite"
            box("grow")
            for line, words in (("", "zone 区域"), ("box", "object 目标")):
                with box("legend", "span"):
                    box(line, "i")
                    text(words, tag="span")
            for key, words in (
                ("J", "next"),
                ("K", "previous"),
                ("F", "confirm"),
                ("D", "dismiss"),
                ("C", "close-up"),
            ):
                with box("legend", "span"):
                    text(key, tag="kbd")
                    text(words, tag="span")
            with button("plain-button", self._help.open, "Keyboard help"):
                text("?", tag="kbd")
                text("all keys", tag="span")


def _help_sheet() -> ui.dialog:
    with ui.dialog() as dialog, box("sheet"):
        text("Keyboard 快捷键", tag="h2")
        with box("pairs").style("grid-template-columns: 110px 1fr"):
            for key, meaning in HELP:
                with box():
                    text(key, tag="kbd")
                text(meaning)
    return dialog
