"""What a reviewer reads about a case: what, why, how long, where, how often (案情)."""

from __future__ import annotations

from datetime import datetime

from nicegui import ui

from alerts.views import CaseView
from central.console import words
from central.console.civil import CivilTime, ago, span
from central.console.parts import box, pair, status, text

LIVE_ICON = "radio_button_checked"
GONE_ICON = "history_toggle_off"
ABANDONED_ICON = "car_crash"


def stood_for(case: CaseView) -> str:
    """How long it has demonstrably stood: from first to last sighting, never a guess up to now."""
    return span(case.last_seen - case.since)


def since_text(case: CaseView, civil: CivilTime, now: datetime) -> str:
    """``since 14:03:12``, or ``since ≥ 14:03:12`` (at least) when it stood there before the camera looked."""
    return f"since {'≥ ' if case.present_at_start else ''}{civil.moment(case.since, now)}"


def live_status(case: CaseView) -> None:
    """Whether it still stands, as icon and word."""
    if case.live:
        status(LIVE_ICON, "Standing 持续", "live")
    else:
        status(GONE_ICON, "Gone 已消失", "ended")


def attended_text(share: float) -> str:
    """How often somebody stood at a stall; ``share`` 0..1 of the looks at it."""
    if share == 0:
        return "nobody seen at the stall 无人看管"
    return f"somebody at the stall in {share:.0%} of the looks"


def is_abandoned(case: CaseView) -> bool:
    """Whether it is a vehicle that has stood for as long as its rule calls abandoned, and still does."""
    return case.abandoned_at is not None and case.live


def draw_facts(case: CaseView, civil: CivilTime, now: datetime) -> None:
    """Fill the current container with everything known about ``case``."""
    _title(case)
    text(case.why or "The opening report has not arrived yet; this case is known from a later one.", "why")
    _dwell(case)
    with box("pairs"):
        _times(case, civil, now)
        _place(case)
        _frequency(case)


def _title(case: CaseView) -> None:
    word = words.CATEGORIES.get(case.category)
    with box("row"):
        ui.icon(words.CATEGORY_ICONS.get(case.category, "help")).style("font-size: 24px")
        with box("grow", "h1"):
            text(word.english if word else case.category, tag="span")
            text(f" {word.chinese}" if word else "", "cn", "span")
        text(f"#{case.number}", "dim")
    with box("row"):
        status(words.STATE_ICONS.get(case.state, "help"), words.label(words.STATES, case.state), "")
        live_status(case)
        if is_abandoned(case):
            status(ABANDONED_ICON, str(words.ABANDONED), "warn")


def _dwell(case: CaseView) -> None:
    total = case.observed_s + case.bridged_s
    scale = 100 / max(total, case.threshold_s, 1.0)
    with box("dwell") as bar:
        bar.props["title"] = (
            "Dwell 滞留时长: watched time, time bridged while nobody could look, and what is allowed"
        )
        with box("bar"):
            box("watched").style(f"width: {case.observed_s * scale:.1f}%")
            box("bridged").style(f"width: {case.bridged_s * scale:.1f}%")
            box("mark").style(f"left: calc({case.threshold_s * scale:.1f}% - 2px)")
        parts = f"watched {span(case.observed_s)}"
        if case.bridged_s:
            parts += f" + bridged {span(case.bridged_s)}"
        text(f"{parts} · allowed {span(case.threshold_s)}", "small dim")


def _times(case: CaseView, civil: CivilTime, now: datetime) -> None:
    start = f"{'at least ' if case.present_at_start else ''}{civil.moment(case.since, now)} · {stood_for(case)}"
    pair("Since 起始", start).props["title"] = civil.full(case.since)
    if case.present_at_start:
        text("", "key")
        text("It stood there when the camera started.", "value dim")
    seen = f"{civil.moment(case.last_seen, now)} ({ago(case.last_seen, now)})"
    pair("Seen 最近", seen).props["title"] = civil.full(case.last_seen)
    if case.abandoned_at is not None:
        pair("Abandoned 僵尸车", f"since {civil.moment(case.abandoned_at, now)}").props["title"] = civil.full(
            case.abandoned_at
        )
    if case.ended_at is not None:
        pair("Gone at 消失", civil.moment(case.ended_at, now)).props["title"] = civil.full(case.ended_at)


def _place(case: CaseView) -> None:
    pair("Camera 相机", f"{case.site} / {case.node} / {case.camera}")
    pair("Zone 区域", case.zone)
    if case.position is not None:
        at = case.position
        pair("Position", f"{at.latitude:.6f}, {at.longitude:.6f} ± {at.uncertainty_m:.0f} m")


def _frequency(case: CaseView) -> None:
    seen_as = words.label(words.OBJECTS, case.object_class)
    pair("Seen as 目标", seen_as if case.score is None else f"{seen_as} · score {case.score:.2f}")
    if case.attended is not None:
        pair("Vendor 摊主", attended_text(case.attended))
    if case.incident_count > 1:
        pair("Reports", f"{case.incident_count} reports folded into this case")
    if case.recurrence_of_number is not None:
        pair("Again 复发", f"{case.recurrence_count}× before here")
        text("", "key")
        link = ui.link(f"last time: case #{case.recurrence_of_number}", f"/cases/{case.recurrence_of}")
        link.classes("value")
    pair("Rule", case.reason_code).classes("mono")
