"""The pictures of a case (取证照片): one on the stage with zone and box drawn over it, the others in a strip."""

from __future__ import annotations

from nicegui import ui

from alerts.views import CaseView, PictureView
from central.console import words
from central.console.overlay import draw
from central.console.parts import box, button, text
from ingest.messages import EvidenceRole

EMPTY_SIZE = (1280, 720)
"""Shape of the stage while there is no picture to take one from, pixels."""
STRIP_LIMIT = 8


def picture_url(picture: PictureView) -> str:
    """Where the centre serves a picture."""
    return f"/api/v1/pictures/{picture.sha256}"


def first_of(case: CaseView, role: EvidenceRole) -> PictureView | None:
    """The newest incident's picture of that role."""
    return next((picture for picture in case.pictures if picture.role is role), None)


def visible(case: CaseView) -> list[PictureView]:
    """What can be looked at: a sealed original can not."""
    return [picture for picture in case.pictures if picture.role is not EvidenceRole.SEALED]


def missing_text(case: CaseView, picture: PictureView | None) -> str | None:
    """Why there is nothing to look at; None when there is."""
    if picture is not None:
        return None if picture.available else "The picture is on its way from the node. 照片传输中"
    if case.evidence_withheld:
        return f"Picture withheld by the node: {case.evidence_withheld}"
    return "No picture was sent with this report. 无照片"


class EvidencePanel:
    """The middle column of the queue, and the left one of a case's page."""

    def __init__(self) -> None:
        self._case: CaseView | None = None
        self._chosen: str | None = None
        with box("stage-column"):
            self._stage = box("stage")
            self._strip = box("strip")

    def show(self, case: CaseView | None) -> None:
        """Show ``case``; keeps the chosen picture while the case stays the same."""
        before = self._case
        self._case = case
        if case is None or before is None or before.id != case.id:
            self._chosen = None
        if case is None or before is None or _shown(before) != _shown(case):
            self._draw()

    def toggle(self, role: EvidenceRole) -> None:
        """Switch between the whole frame of now and the picture of ``role``, when there is one."""
        other = first_of(self._case, role) if self._case else None
        if other is not None:
            self._choose(None if self._chosen == other.sha256 else other.sha256)

    def _choose(self, sha256: str | None) -> None:
        self._chosen = sha256
        self._draw()

    def _draw(self) -> None:
        # Built anew, so that the last case's picture is never seen under this one's box.
        self._stage.clear()
        self._strip.clear()
        if self._case is None:
            return
        pictures = visible(self._case)
        wide = first_of(self._case, EvidenceRole.WIDE) or next(iter(pictures), None)
        chosen = next((item for item in pictures if item.sha256 == self._chosen), wide)
        with self._stage:
            self._on_stage(self._case, chosen)
        with self._strip:
            for picture in pictures[:STRIP_LIMIT]:
                self._thumb(picture, picture is chosen)

    def _on_stage(self, case: CaseView, picture: PictureView | None) -> None:
        width, height = (picture.width, picture.height) if picture else EMPTY_SIZE
        crop = picture is not None and picture.role is EvidenceRole.CROP
        overlay = "" if crop else draw(width, height, case.zone_polygon, picture.box if picture else case.box)
        missing = missing_text(case, picture)
        source = picture_url(picture) if picture and missing is None else ""
        image = ui.interactive_image(source, content=overlay, size=(width, height), events=[])
        image.classes("shot").style(f"--aspect: {width / height:.5f}")
        if missing:
            self._veil("hide_image", missing)
        else:
            veil = self._veil(
                "broken_image", "The centre could not deliver this picture; reload the page to retry."
            )
            veil.set_visibility(False)
            image.on("error.capture", lambda: veil.set_visibility(True))
        if picture:
            text(words.label(words.ROLES, picture.role), "tag")

    def _veil(self, icon: str, message: str) -> ui.element:
        with box("veil") as veil:
            ui.icon(icon).style("font-size: 24px")
            text(message)
        return veil

    def _thumb(self, picture: PictureView, chosen: bool) -> None:
        caption = words.label(words.ROLES, picture.role)
        with button("thumb chosen" if chosen else "thumb", lambda: self._choose(picture.sha256), caption):
            if picture.available:
                image = box(tag="img")
                image.props["src"] = picture_url(picture)
                image.props["alt"] = caption
            else:
                text("on its way 传输中", "none")
            text(caption, "caption", "span")


def _shown(case: CaseView) -> tuple[object, ...]:
    return (
        case.id,
        case.pictures,
        case.zone_polygon,
        case.box if not visible(case) else None,
        case.evidence_withheld,
    )
