"""The set-up page: the still on the left to draw on, the camera, its zones, ground points and TOML on the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from nicegui import ui
from nicegui.events import KeyEventArguments, MouseEventArguments

from central.console.parts import STYLE, box, button, text
from ingest.clock import to_millis
from kerbwatch.camera_setup.block import Block, make_block
from kerbwatch.camera_setup.draft import CameraDraft, DrawingError
from kerbwatch.camera_setup.ground_panel import GroundPanel
from kerbwatch.camera_setup.saving import TargetError, save
from kerbwatch.camera_setup.sketch import sketch
from kerbwatch.camera_setup.still import Still
from kerbwatch.camera_setup.zone_panel import FIELD, ZonePanel

OWN_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
STILL_PATH = "/still.jpg"


@dataclass(frozen=True)
class Job:
    """What one run of the command sets up.

    Attributes:
        draft: The drawing; it outlives a reload of the page.
        still: The picture drawn on.
        shown: The camera's address without credentials.
        base_dir: Folder to which a relative source belongs.
        out: Where "Save" writes; None for copying only.
        force: Whether ``out`` may be replaced.
    """

    draft: CameraDraft
    still: Still
    shown: str
    base_dir: Path
    out: Path | None
    force: bool


class SetupPage:
    """One open page."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._draft = job.draft
        self._ground_mode = False
        self._saved: str | None = None
        ui.add_head_html(f"<style>{STYLE}{OWN_STYLE}</style>")
        self._header()
        with box("setup"):
            with box("work"):
                self._tools()
                self._still()
            with box("side"):
                with box("parts"):
                    self._camera_part()
                    self._zones = ZonePanel(self._draft, self._changed)
                    self._ground = GroundPanel(self._draft, self._changed)
                    self._toml_part()
                self._finish_part()
        ui.keyboard(self._on_key, ignore=["input", "select", "textarea", "button"])
        self._set_mode(False)
        self._changed()

    def _header(self) -> None:
        with box("top", "header"):
            with box("brand"):
                ui.icon("videocam").style("font-size: 21px; color: var(--accent)")
                text("Kerbwatch camera set-up 相机设置", tag="span")
            box("grow")
            with box("feed").style("width: auto; max-width: 60%"):
                text(self._job.shown, "mono ellipsis", "span")
                text(f"{self._job.still.width} × {self._job.still.height}", tag="span")

    def _tools(self) -> None:
        with box("tools"):
            self._zone_tool = self._tool("pentagon", "Zones", "Z", lambda: self._set_mode(False))
            self._ground_tool = self._tool("add_location_alt", "Ground points", "G", lambda: self._set_mode(True))
            box("grow")
            self._hint = text("", "dim ellipsis")
            box("grow")
            self._tool("undo", "Undo", "⌫", self._undo)
            self._tool("check", "Close zone", "Enter", self._close_zone)

    def _tool(self, icon: str, title: str, key: str, act: Callable[[], None]) -> ui.element:
        with button("tool", act) as tool:
            ui.icon(icon)
            text(title, tag="span")
            text(key, tag="kbd")
        return tool

    def _still(self) -> None:
        still = self._job.still
        with box("stage"):
            self._image = ui.interactive_image(
                STILL_PATH, size=(still.width, still.height), on_mouse=self._on_click, cross="#ffffff66"
            )
            self._image.classes("shot").style(f"--aspect: {still.width / still.height:.5f}")

    def _camera_part(self) -> None:
        with box("part"):
            text("Camera 相机", tag="h2")
            ui.input("Name", value=self._draft.name, on_change=lambda e: self._rename(e.value)).props(FIELD)
            if self._draft.start_at is not None:
                start = self._draft.start_at.strftime("%Y-%m-%dT%H:%M:%SZ")
                field = ui.input("First frame at (UTC)", value=start).props(FIELD)
                field.on_value_change(lambda e: self._start_at(field, e.value))

    def _rename(self, name: str) -> None:
        self._draft.name = name.strip()
        self._changed()

    def _start_at(self, field: ui.input, value: str) -> None:
        try:
            self._draft.start_at = to_millis(datetime.fromisoformat(value.strip())).astimezone(UTC)
        except ValueError:
            field.props(add='error error-message="write it like 2026-01-31T08:00:00Z"')
            return
        field.props(remove="error error-message")
        self._changed()

    def _toml_part(self) -> None:
        with box("part"):
            text("For the node's file 节点配置", tag="h2")
            self._toml = text("", tag="pre")

    def _finish_part(self) -> None:
        with box("finish"):
            self._verdict = box("state")
            with box("actions"):
                with button("act", self._copy):
                    ui.icon("content_copy")
                    text("Copy", tag="span")
                with button("act confirm", self._save) as self._save_button:
                    ui.icon("save")
                    name = f"Save {self._job.out.name}" if self._job.out else "Save: give --out"
                    text(name, "ellipsis", "span")
            self._result = text("", "small dim result")
            self._result.props["aria-live"] = "polite"

    def _changed(self) -> None:
        block = make_block(self._draft, self._job.base_dir)
        self._image.set_content(sketch(self._draft, self._job.still.width, self._job.still.height))
        self._toml.set_text(block.text)
        self._tell(block)
        if self._saved is not None and self._saved != block.text:
            self._result.set_text("Changed since it was saved.")
        able = not block.problems and self._job.out is not None
        if able:
            self._save_button.props.pop("disabled", None)
        else:
            self._save_button.props["disabled"] = True

    def _tell(self, block: Block) -> None:
        self._verdict.clear()
        with self._verdict:
            ui.icon("error" if block.problems else "check_circle")
            text("; ".join(block.problems) if block.problems else "Valid: the edge node accepts it.", tag="span")
        self._verdict.classes(replace=f"state {'warn' if block.problems else 'live'}")
        self._verdict.style("white-space: normal; overflow-wrap: anywhere")

    def _set_mode(self, ground: bool) -> None:
        self._ground_mode = ground
        self._ground_tool.classes(add="here" if ground else "", remove="" if ground else "here")
        self._zone_tool.classes(add="" if ground else "here", remove="here" if ground else "")
        self._hint.set_text(
            "Click a spot on the ground, then type where it lies."
            if ground
            else "Click corner by corner; the first corner closes the zone."
        )

    def _on_click(self, event: MouseEventArguments) -> None:
        x, y = event.image_x / self._job.still.width, event.image_y / self._job.still.height
        if self._ground_mode:
            self._draft.add_ground(x, y)
            self._ground.draw()
        else:
            self._drawing(lambda: self._draft.add_corner(x, y))
        self._changed()

    def _close_zone(self) -> None:
        self._drawing(self._draft.close_zone)
        self._changed()

    def _drawing(self, act: Callable[[], object]) -> None:
        try:
            if act() is not None:
                self._zones.draw()
        except DrawingError as error:
            ui.notify(str(error), type="warning", position="top")

    def _undo(self) -> None:
        if self._ground_mode:
            if self._draft.ground:
                self._draft.ground.pop()
            self._ground.draw()
        else:
            self._draft.undo_corner()
            self._zones.draw()
        self._changed()

    def _on_key(self, event: KeyEventArguments) -> None:
        held = event.modifiers
        if not event.action.keydown or event.action.repeat or held.alt or held.meta:
            return
        key = event.key.name.lower()
        if key == "backspace" or (held.ctrl and key == "z"):
            self._undo()
        elif held.ctrl:
            return
        elif key == "enter":
            self._close_zone()
        elif key in ("z", "g"):
            self._set_mode(key == "g")

    def _copy(self) -> None:
        ui.clipboard.write(self._toml.text)
        self._result.set_text("Copied.")

    def _save(self) -> None:
        block = make_block(self._draft, self._job.base_dir)
        if self._job.out is None or block.problems:
            return
        try:
            save(block.text, self._job.out, force=self._job.force or self._saved is not None)
        except TargetError as error:
            self._result.set_text(str(error))
            return
        self._saved = block.text
        self._result.set_text(f"Saved {self._job.out}. Append it to the node's file; end the command with Ctrl-C.")
        click.echo(f"saved {self._job.out}")
