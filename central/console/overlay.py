"""Zone and box as SVG over a picture. Only numbers go in, so nothing from outside can become markup."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]

ZONE_COLOUR = "#f2c14e"
BOX_COLOUR = "#4fd1ff"


def draw(
    width: int, height: int, polygon: Sequence[Point] = (), box: tuple[float, float, float, float] | None = None
) -> str:
    """SVG content in picture coordinates.

    Args:
        width, height: Size of the picture, pixels.
        polygon: Corners of the zone, fractions of the frame.
        box: x1, y1, x2, y2 of the object, fractions of the frame.
    """
    stroke = max(1.5, width / 400)
    parts = []
    if len(polygon) >= 3:
        corners = " ".join(f"{x * width:.1f},{y * height:.1f}" for x, y in polygon)
        # The dark line beneath keeps the bright one visible on snow, lamps and white cars.
        parts.append(f'<polygon points="{corners}" fill="none" stroke="#000" stroke-width="{stroke * 2:.1f}"/>')
        parts.append(
            f'<polygon points="{corners}" fill="{ZONE_COLOUR}" fill-opacity="0.07" stroke="{ZONE_COLOUR}" '
            f'stroke-width="{stroke:.1f}" stroke-dasharray="{stroke * 4:.1f} {stroke * 2.5:.1f}"/>'
        )
    if box is not None:
        x1, y1, x2, y2 = box
        place = (
            f'x="{x1 * width:.1f}" y="{y1 * height:.1f}" '
            f'width="{(x2 - x1) * width:.1f}" height="{(y2 - y1) * height:.1f}" fill="none"'
        )
        parts.append(f'<rect {place} stroke="#000" stroke-width="{stroke * 2.2:.1f}"/>')
        parts.append(f'<rect {place} stroke="{BOX_COLOUR}" stroke-width="{stroke * 1.2:.1f}"/>')
    return "".join(parts)
