"""Places muted after a false detection (误报屏蔽): listed, counted, revocable."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from nicegui import ui

from alerts.views import MuteView
from central.console import words
from central.console.decide import Result
from central.console.frame import Console, Frame
from central.console.parts import box, button, empty, status, table, text


class MutesPage:
    """One open list of mutes."""

    def __init__(self, console: Console, cookies: Mapping[str, str]) -> None:
        self._console = console
        self._frame = Frame(console, "/mutes", cookies)
        self._body = box("page")

    async def build(self) -> None:
        """Ask for the mutes and draw them."""
        mutes = await asyncio.to_thread(self._console.cases.mutes)
        self._body.clear()
        with self._body:
            active = sum(mute.active for mute in mutes)
            text(f"Muted spots 误报屏蔽 · {active} active of {len(mutes)}", tag="h1")
            if not mutes:
                empty(
                    "notifications_active",
                    "Nothing is muted. 暂无屏蔽",
                    "A false detection mutes its spot for 30 days.",
                )
                return
            headings = [
                "Spot 位置",
                "What 事项",
                "State 状态",
                "Silenced 已屏蔽",
                "Muted by 操作人",
                "Until 截止",
                "Case",
                "",
            ]
            with table(headings):
                for mute in mutes:
                    self._row(mute)

    def _row(self, mute: MuteView) -> None:
        civil, now = self._console.civil, self._console.clock.now()
        x1, y1, x2, y2 = mute.box
        with box(tag="tr"):
            with box(tag="td"):
                text(f"{mute.site} / {mute.node} / {mute.camera}")
                text(f"around {(x1 + x2) / 2:.0%} across, {(y1 + y2) / 2:.0%} down", "dim")
            text(words.label(words.CATEGORIES, mute.category), tag="td")
            with box(tag="td"):
                self._state(mute)
            text(f"{mute.applied} reports", tag="td")
            text(f"{mute.created_by}, {civil.moment(mute.created_at, now)}", tag="td")
            text(civil.moment(mute.until, now), tag="td")
            with box(tag="td"):
                ui.link(f"#{mute.case_number}", f"/cases/{mute.case_id}")
            with box(tag="td"):
                if mute.active:
                    self._revoke_button(mute)

    def _state(self, mute: MuteView) -> None:
        if mute.active:
            status("notifications_off", "active 生效", "warn")
        elif mute.revoked_at is not None:
            status("undo", f"revoked by {mute.revoked_by} 已撤销", "ended")
        else:
            status("timer_off", "run out 已到期", "ended")

    def _revoke_button(self, mute: MuteView) -> None:
        async def revoke() -> None:
            if self._frame.operator is None:
                self._frame.ask_name()
                return
            outcome = await self._console.decisions().revoke(mute.id, self._frame.operator)
            ui.notify(outcome.text, type="info" if outcome.result is Result.DONE else "warning", position="top")
            await self.build()

        with button("plain-button", revoke):
            ui.icon("undo")
            text("Revoke 撤销", tag="span")
