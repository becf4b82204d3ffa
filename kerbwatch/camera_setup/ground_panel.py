"""Ground points (地面标定点): where picture points lie on the earth, and how well they agree."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from central.console.parts import box, button, text
from kerbwatch.camera_setup.block import fit_ground
from kerbwatch.camera_setup.draft import CameraDraft, GroundDraft
from kerbwatch.camera_setup.zone_panel import FIELD


class GroundPanel:
    """The list of ground points.

    Args:
        draft: The drawing, changed in place.
        changed: Called after every change.
    """

    def __init__(self, draft: CameraDraft, changed: Callable[[], None]) -> None:
        self._draft = draft
        self._changed = changed
        self._errors: list[tuple[GroundDraft, ui.label]] = []
        with box("part"):
            text("Ground points 地面标定点 (optional, WGS-84)", tag="h2")
            self._list = box("part")
            self._fit = text("", "small dim fit")
        self.draw()

    def draw(self) -> None:
        """Build the list anew after a point came or went."""
        self._list.clear()
        self._errors = []
        with self._list:
            for number, point in enumerate(self._draft.ground, start=1):
                self._point(number, point)
        self._judge()

    def _point(self, number: int, point: GroundDraft) -> None:
        with box("ground"):
            text(str(number), "badge", "span")
            latitude = ui.number("Latitude", value=point.latitude).props(FIELD)
            longitude = ui.number("Longitude", value=point.longitude).props(FIELD)
            self._errors.append((point, text("", "error-m")))

            def moved() -> None:
                point.latitude, point.longitude = latitude.value, longitude.value
                self._judge()
                self._changed()

            latitude.on_value_change(moved)
            longitude.on_value_change(moved)
            with button("small-button", lambda: self._remove(point), "Delete this point"):
                ui.icon("close")

    def _remove(self, point: GroundDraft) -> None:
        self._draft.ground = [other for other in self._draft.ground if other is not point]
        self.draw()
        self._changed()

    def _judge(self) -> None:
        fit = fit_ground(self._draft.ground)
        errors = iter(fit.errors_m)
        for point, label in self._errors:
            complete = point.latitude is not None and point.longitude is not None
            label.set_text(f"± {next(errors):.2f} m" if fit.good and complete else "")
        self._fit.set_text(fit.text if self._draft.ground else "Four or more give every incident a position.")
        self._fit.classes(replace=f"small fit {'dim' if fit.good or not self._draft.ground else 'state warn'}")
        self._fit.style("white-space: normal")
