"""The words operators read: the field's Chinese term beside the English one (术语对照).

Every value of a wire vocabulary has a label; a value this centre does not know yet is shown as it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.lifecycle import CaseAction, CaseState, DismissalReason
from ingest.messages import EvidenceRole
from ingest.taxonomy import Category, ObjectClass


@dataclass(frozen=True)
class Word:
    """One term in both languages."""

    english: str
    chinese: str

    def __str__(self) -> str:
        return f"{self.english} {self.chinese}"


CATEGORIES: Mapping[str, Word] = {
    Category.PARKED_VEHICLE: Word("Parked vehicle", "机动车乱停放"),
    Category.PARKED_TWO_WHEELER: Word("Parked two-wheeler", "非机动车乱停放"),
    Category.STREET_VENDOR: Word("Street vendor", "占道经营"),
    Category.GARBAGE: Word("Garbage", "暴露垃圾"),
    Category.STATIC_OBJECT: Word("Object left standing", "乱堆杂物"),
    Category.SENSOR_ALARM: Word("Sensor alarm", "传感报警"),
}
CATEGORY_ICONS: Mapping[str, str] = {
    Category.PARKED_VEHICLE: "directions_car",
    Category.PARKED_TWO_WHEELER: "two_wheeler",
    Category.STREET_VENDOR: "storefront",
    Category.GARBAGE: "delete",
    Category.STATIC_OBJECT: "inventory_2",
    Category.SENSOR_ALARM: "sensors",
}
OBJECTS: Mapping[str, Word] = {
    ObjectClass.PERSON: Word("person", "行人"),
    ObjectClass.VEHICLE: Word("vehicle", "机动车"),
    ObjectClass.TWO_WHEELER: Word("two-wheeler", "非机动车"),
    ObjectClass.GARBAGE: Word("garbage", "垃圾"),
    ObjectClass.STALL: Word("stall", "摊位"),
    ObjectClass.UNKNOWN: Word("unknown object", "不明物体"),
}
STATES: Mapping[str, Word] = {
    CaseState.PENDING_REVIEW: Word("Pending review", "待审核"),
    CaseState.FILED: Word("Filed", "立案"),
    CaseState.VOIDED: Word("Voided", "作废"),
    CaseState.CLOSED: Word("Closed", "结案"),
}
STATE_ICONS: Mapping[str, str] = {
    CaseState.PENDING_REVIEW: "pending_actions",
    CaseState.FILED: "assignment_turned_in",
    CaseState.VOIDED: "block",
    CaseState.CLOSED: "task_alt",
}
ACTIONS: Mapping[str, Word] = {
    CaseAction.FILE: Word("filed", "立案"),
    CaseAction.DISMISS: Word("dismissed", "作废"),
    CaseAction.CLOSE: Word("closed", "结案"),
}
EVENTS: Mapping[str, Word] = {
    "opened": Word("opened", "上报"),
    "joined": Word("joined by another report", "并案"),
    "ended": Word("the problem is gone", "消失"),
    "resumed": Word("the problem is back", "再现"),
    "abandoned": Word("told as abandoned", "僵尸车"),
    "abandonment_withdrawn": Word("no longer told as abandoned", "撤销僵尸车"),
    "merged": Word("merged into another case", "并入"),
    "withdrawn": Word("withdrawn", "撤回"),
}
"""What the system writes into a case's history."""
STEPS: Mapping[str, Word] = {**ACTIONS, **EVENTS}
"""Every line of a history."""
ABANDONED = Word("Abandoned", "僵尸车")
REASONS: Mapping[str, Word] = {
    DismissalReason.DUPLICATE: Word("Duplicate", "重复上报"),
    DismissalReason.CONDITIONS_NOT_MET: Word("Conditions not met", "不符合立案条件"),
    DismissalReason.OUT_OF_SCOPE: Word("Out of scope", "不属于管理范围"),
    DismissalReason.FALSE_DETECTION: Word("False detection", "误报"),
}
ROLES: Mapping[str, Word] = {
    EvidenceRole.WIDE: Word("Now", "现场"),
    EvidenceRole.CROP: Word("Close-up", "特写"),
    EvidenceRole.BEFORE: Word("Before", "之前"),
    EvidenceRole.SEALED: Word("Sealed original", "密封原件"),
}


def label(words: Mapping[str, Word], value: str) -> str:
    """``English 中文`` for a known value, the value itself for one this centre does not know."""
    word = words.get(value)
    return str(word) if word else value
