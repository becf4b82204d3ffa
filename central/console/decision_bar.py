"""The two buttons of a review, and the reasons of a dismissal that unfold above them without moving anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from alerts.lifecycle import DismissalReason
from central.console import words
from central.console.keys import REASON_KEYS
from central.console.parts import box, button, text

HINTS = {
    DismissalReason.DUPLICATE: "another case already covers it",
    DismissalReason.CONDITIONS_NOT_MET: "it is real, but not enough to file",
    DismissalReason.OUT_OF_SCOPE: "not city management's to handle",
    DismissalReason.FALSE_DETECTION: "nothing is there: also mutes this spot for 30 days 屏蔽30天",
}


class DecisionBar:
    """Confirm and dismiss.

    Args:
        confirm: Called to file the case.
        dismiss: Called with the reason.
    """

    def __init__(
        self, confirm: Callable[[], Awaitable[None]], dismiss: Callable[[DismissalReason], Awaitable[None]]
    ) -> None:
        with box("decide") as self._bar:
            with button("act confirm", confirm) as self._confirm:
                ui.icon("check")
                text("Confirm 立案", tag="span")
                text("F", tag="kbd")
            with button("act dismiss", self.open_reasons):
                ui.icon("close")
                text("Dismiss 作废", tag="span")
                text("D", tag="kbd")
        with box("reasons") as self._reasons:
            self._reasons.props["role"] = "dialog"
            self._reasons.props["aria-label"] = "Reason of the dismissal"
            text("Why is it dismissed? 作废原因", tag="b")
            for key, reason in REASON_KEYS.items():
                self._reason(key, reason, dismiss)
            with button("plain-button", self.close_reasons):
                text("Esc", tag="kbd")
                text("cancel 取消", "dim", "span")
        self.close_reasons()

    @property
    def choosing(self) -> bool:
        """Whether the reasons are on show."""
        return bool(self._reasons.visible)

    def open_reasons(self) -> None:
        """Ask for the reason of a dismissal."""
        self._reasons.set_visibility(True)

    def close_reasons(self) -> None:
        """Back to the two buttons."""
        self._reasons.set_visibility(False)

    def show(self, visible: bool) -> None:
        """Show the buttons only while there is a case to decide."""
        self._bar.set_visibility(visible)
        if not visible:
            self.close_reasons()

    def show_settling(self, settling: bool) -> None:
        """Dim the confirm button while a confirm would not be taken."""
        self._confirm.classes(add="settling" if settling else "", remove="" if settling else "settling")
        self._confirm.props["aria-disabled"] = str(settling).lower()

    def _reason(
        self, key: str, reason: DismissalReason, dismiss: Callable[[DismissalReason], Awaitable[None]]
    ) -> None:
        with button("reason", lambda: dismiss(reason)):
            text(key, tag="kbd")
            text(words.label(words.REASONS, reason), tag="span")
            text(HINTS[reason], "hint", "span")
