"""What every console page shares: theme, header with tabs and counts, the operator's name, state of the feed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from nicegui import ui

from alerts.cases import CaseService
from central.auth import COOKIE
from central.console.civil import CivilTime
from central.console.decide import Decisions
from central.console.feed import Feed, Snapshot
from central.console.operator import MAX_NAME, name_from, remember_script, valid_name
from central.console.parts import STYLE, box, button, text
from ingest.clock import Clock

PERIOD_S = 1.0
TABS = (
    ("Queue 待审核", "fact_check", "/"),
    ("Cases 案件", "folder_open", "/cases"),
    ("Mutes 误报屏蔽", "notifications_off", "/mutes"),
    ("Nodes 节点", "router", "/nodes"),
)


@dataclass(frozen=True)
class Console:
    """What the pages work with."""

    cases: CaseService
    feed: Feed
    civil: CivilTime
    clock: Clock

    def decisions(self) -> Decisions:
        """Decisions told in this console's civil time."""
        return Decisions(self.cases, self.civil, self.clock.now)


class Frame:
    """The header of one open page.

    Args:
        console: What the page works with.
        here: The tab's path.
        cookies: The browser's cookies.
        on_snapshot: Called about once a second with the newest snapshot.
    """

    def __init__(
        self,
        console: Console,
        here: str,
        cookies: Mapping[str, str],
        on_snapshot: Callable[[Snapshot], Awaitable[None]] | None = None,
    ) -> None:
        self._console = console
        self._on_snapshot = on_snapshot
        self.operator = name_from(cookies)
        ui.add_head_html(f"<style>{STYLE}</style>")
        self._build(here, logged_in=COOKIE in cookies)
        self._ask = self._name_dialog()
        if self.operator is None:
            self._ask.open()
        ui.timer(PERIOD_S, self.refresh)

    async def refresh(self) -> None:
        """Show the newest snapshot now."""
        snapshot = await self._console.feed.snapshot()
        self._count.set_text(str(snapshot.pending))
        taken = self._console.civil.moment(snapshot.at, self._console.clock.now())
        self._feed.set_text("not answering" if snapshot.error else f"live · {taken}")
        self._feed_icon.name = "cloud_off" if snapshot.error else "sensors"
        self._feed_box.classes(add="broken" if snapshot.error else "", remove="" if snapshot.error else "broken")
        self._banner.set_visibility(snapshot.error is not None)
        if snapshot.error:
            self._banner_text.set_text(
                f"The case database does not answer ({snapshot.error}). Shown is the state of {taken}; "
                "decisions may fail. It is asked again every second."
            )
        if self._on_snapshot is not None:
            await self._on_snapshot(snapshot)

    @property
    def asking(self) -> bool:
        """Whether the name dialog is open; keys then belong to it."""
        return bool(self._ask.value)

    def ask_name(self) -> None:
        """Open the dialog that asks who sits here."""
        self._ask.open()

    def _build(self, here: str, *, logged_in: bool) -> None:
        with box("top", "header"):
            with box("brand"):
                ui.icon("visibility").style("font-size: 21px; color: var(--accent)")
                text("Kerbwatch 值班台", tag="span")
            with box("tabs", "nav"):
                for title, icon, path in TABS:
                    self._tab(title, icon, path, path == here)
            box("grow")
            with box("feed") as self._feed_box:
                self._feed_icon = ui.icon("sensors")
                self._feed = text("connecting", tag="span")
            with box("row"), button("plain-button operator", self.ask_name, "Change operator"):
                ui.icon("person")
                self._name = text(self.operator or "who are you?", "ellipsis", "span")
                self._name.style("max-width: 160px")
            if logged_in:
                _log_out_button()
        with box("banner") as self._banner:
            ui.icon("error")
            self._banner_text = text("")
        self._banner.set_visibility(False)

    def _tab(self, title: str, icon: str, path: str, here: bool) -> None:
        with box("tab here" if here else "tab", "a") as tab:
            tab.props["href"] = path
            if here:
                tab.props["aria-current"] = "page"
            ui.icon(icon).style("font-size: 18px")
            text(title, tag="span")
            if path == "/":
                self._count = text("…", "count", "span")

    def _name_dialog(self) -> ui.dialog:
        with ui.dialog().props("persistent") as dialog, box("sheet"):
            text("Who is on duty? 值班员", tag="h2")
            text("Your name is written into the history of every case you decide.", "dim")
            field = ui.input("Name", value=self.operator or "").props(
                f"dark outlined autofocus maxlength={MAX_NAME}"
            )

            def accept() -> None:
                name = valid_name(str(field.value or ""))
                if name is None:
                    field.props("error").props["error-message"] = f"1 to {MAX_NAME} printable characters"
                    return
                self.operator = name
                self._name.set_text(name)
                ui.run_javascript(remember_script(name))
                dialog.close()

            field.on("keydown.enter", accept)
            with button("act confirm", accept):
                text("Start 开始", tag="span")
        return dialog


def _log_out_button() -> None:
    with box("row", "form") as form:
        form.props["method"], form.props["action"] = "post", "/logout"
        with box("plain-button", "button") as log_out:
            log_out.props["type"] = "submit"
            log_out.props["aria-label"] = log_out.props["title"] = "Log out"
            ui.icon("logout")
