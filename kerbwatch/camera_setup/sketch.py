"""The drawing as SVG over the still: zones, the open polygon, ground points, each with its number."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.zones import Point
from kerbwatch.camera_setup.draft import CameraDraft

ZONE = "#f2c14e"
OPEN = "#4fd1ff"
GROUND = "#ff7bd5"


def sketch(draft: CameraDraft, width: int, height: int) -> str:
    """SVG content in picture coordinates. Only numbers go in; names stay outside."""
    unit = max(1.0, width / 700)
    parts = [
        _zone(str(number), zone.polygon, width, height, unit) for number, zone in enumerate(draft.zones, start=1)
    ]
    parts.append(_open(draft.corners, width, height, unit))
    for number, point in enumerate(draft.ground, start=1):
        parts.append(_cross(str(number), point.x * width, point.y * height, unit))
    return "".join(parts)


def _corners(points: Sequence[Point], width: int, height: int) -> str:
    return " ".join(f"{x * width:.1f},{y * height:.1f}" for x, y in points)


def _zone(number: str, polygon: Sequence[Point], width: int, height: int, unit: float) -> str:
    x = sum(corner[0] for corner in polygon) / len(polygon) * width
    y = sum(corner[1] for corner in polygon) / len(polygon) * height
    return (
        f'<polygon points="{_corners(polygon, width, height)}" fill="{ZONE}" fill-opacity="0.16" stroke="{ZONE}" '
        f'stroke-width="{2 * unit:.1f}"/>{_number(number, x, y, ZONE, unit)}'
    )


def _open(corners: Sequence[Point], width: int, height: int, unit: float) -> str:
    if not corners:
        return ""
    line = (
        f'<polyline points="{_corners(corners, width, height)}" fill="none" stroke="{OPEN}" '
        f'stroke-width="{2 * unit:.1f}" stroke-dasharray="{6 * unit:.1f} {4 * unit:.1f}"/>'
    )
    dots = "".join(
        f'<circle cx="{x * width:.1f}" cy="{y * height:.1f}" r="{(6 if first else 4) * unit:.1f}" '
        f'fill="{"#000" if first else OPEN}" stroke="{OPEN}" stroke-width="{2 * unit:.1f}"/>'
        for first, (x, y) in ((index == 0, corner) for index, corner in enumerate(corners))
    )
    return line + dots


def _cross(number: str, x: float, y: float, unit: float) -> str:
    arm = 8 * unit
    return (
        f'<path d="M{x - arm:.1f} {y:.1f}H{x + arm:.1f}M{x:.1f} {y - arm:.1f}V{y + arm:.1f}" stroke="{GROUND}" '
        f'stroke-width="{2 * unit:.1f}"/>{_number(number, x + 13 * unit, y - 11 * unit, GROUND, unit)}'
    )


def _number(number: str, x: float, y: float, colour: str, unit: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{9 * unit:.1f}" fill="#121416" stroke="{colour}" '
        f'stroke-width="{1.5 * unit:.1f}"/><text x="{x:.1f}" y="{y + 4 * unit:.1f}" fill="{colour}" '
        f'font-size="{12 * unit:.1f}" font-family="sans-serif" text-anchor="middle">{number}</text>'
    )
