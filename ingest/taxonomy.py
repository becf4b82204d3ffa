"""The words everyone shares: what a detector sees, what a case is about, what a zone is for.

Values are wire values: they are stored and sent, so they are never renamed, only added to.
"""

from __future__ import annotations

from enum import StrEnum


class ObjectClass(StrEnum):
    """What a detector can recognise in one picture (目标类别)."""

    PERSON = "person"  # 行人
    VEHICLE = "vehicle"  # 机动车
    TWO_WHEELER = "two_wheeler"  # 非机动车 (bicycles, mopeds, motorcycles)
    GARBAGE = "garbage"  # 垃圾 (bags, heaps)
    STALL = "stall"  # 摊位 (stalls, carts, parasols with goods)
    UNKNOWN = "unknown"  # 不明物体: found by static change, named by no model


class Category(StrEnum):
    """What a case is about (事项类别). Codes of the standards are mapped elsewhere, as data."""

    PARKED_VEHICLE = "parked_vehicle"  # 机动车乱停放
    PARKED_TWO_WHEELER = "parked_two_wheeler"  # 非机动车乱停放
    STREET_VENDOR = "street_vendor"  # 占道经营 / 无照经营游商
    GARBAGE = "garbage"  # 暴露垃圾
    STATIC_OBJECT = "static_object"  # 乱堆杂物: stands still and nothing else explains it
    SENSOR_ALARM = "sensor_alarm"  # 传感报警: a value beyond its limit, or a sensor that is silent


class ZonePurpose(StrEnum):
    """What a zone of the picture is for (区域用途)."""

    CARRIAGEWAY = "carriageway"  # 车行道
    PAVEMENT = "pavement"  # 人行道
    NO_STOPPING = "no_stopping"  # 禁停区
    SHOP_FRONT = "shop_front"  # 门店前
    GARBAGE_POINT = "garbage_point"  # 垃圾投放点
    RELIEF_POINT = "relief_point"  # 疏导点 (vendors are allowed)
    PARKING_BAY = "parking_bay"  # 停车位
    SIGNAL_QUEUE = "signal_queue"  # 信号灯排队区 (a lane before its stop line)
    BUS_STOP = "bus_stop"  # 公交站台


CLASSES_OF_CATEGORY: dict[Category, frozenset[ObjectClass]] = {
    Category.PARKED_VEHICLE: frozenset({ObjectClass.VEHICLE}),
    Category.PARKED_TWO_WHEELER: frozenset({ObjectClass.TWO_WHEELER}),
    Category.STREET_VENDOR: frozenset({ObjectClass.STALL}),
    Category.GARBAGE: frozenset({ObjectClass.GARBAGE}),
    Category.STATIC_OBJECT: frozenset({ObjectClass.UNKNOWN}),
}

SEEN_CATEGORIES: tuple[Category, ...] = tuple(CLASSES_OF_CATEGORY)
"""What a camera can notice, and rules and permits of its zones may name."""
