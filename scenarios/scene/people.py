"""People: a jointed figure of round limbs that walks, stands, sits on a saddle or on a stool."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.scene.mesh import Colour, Mesh, MeshBuilder, Point

_TOPS: tuple[Colour, ...] = (
    (225, 225, 222), (40, 40, 44), (90, 92, 96), (120, 60, 40), (60, 50, 160), (70, 130, 70), (60, 150, 200),
    (180, 150, 90), (150, 110, 170), (60, 90, 130), (200, 190, 150), (40, 60, 200),
)  # fmt: skip
_BOTTOMS: tuple[Colour, ...] = (
    (44, 40, 38), (96, 66, 48), (120, 92, 70), (60, 60, 62), (110, 130, 150), (150, 150, 148), (40, 46, 60),
)  # fmt: skip
_SKINS: tuple[Colour, ...] = ((150, 178, 216), (130, 160, 200), (90, 120, 165), (60, 84, 122), (165, 190, 226))
_HAIRS: tuple[Colour, ...] = ((24, 22, 24), (34, 38, 48), (40, 60, 90), (120, 122, 126))


@dataclass(frozen=True)
class Look:
    """What one person looks like; lengths in metres."""

    height: float
    girth: float
    top: Colour
    bottom: Colour
    skin: Colour
    hair: Colour
    shoe: Colour
    short: bool
    skirt: bool
    hat: Colour | None
    bag: Colour | None
    apron: Colour | None = None


def random_look(rng: np.random.Generator, apron: bool = False) -> Look:
    """Clothes, build and hair of a random adult (now and then a child)."""

    def pick(options: tuple[Colour, ...]) -> Colour:
        return options[int(rng.integers(len(options)))]

    return Look(
        height=rng.uniform(1.05, 1.4) if rng.random() < 0.06 else rng.uniform(1.52, 1.86),
        girth=rng.uniform(0.9, 1.25),
        top=pick(_TOPS),
        bottom=pick(_BOTTOMS),
        skin=pick(_SKINS),
        hair=pick(_HAIRS),
        shoe=(210, 210, 210) if rng.random() < 0.3 else (36, 36, 40),
        short=bool(rng.random() < 0.3),
        skirt=bool(rng.random() < 0.15),
        hat=pick(_TOPS) if rng.random() < 0.18 else None,
        bag=pick(_TOPS) if rng.random() < 0.35 else None,
        apron=(60, 90, 190) if apron and rng.random() < 0.6 else None,
    )


def _leg(m: MeshBuilder, look: Look, hip: Point, knee: Point, foot: Point) -> None:
    g = look.girth
    shin = look.skin if look.skirt or look.short else look.bottom
    m.capsule(hip, knee, 0.088 * g, 0.068 * g, look.skin if look.skirt else look.bottom)
    m.capsule(knee, foot, 0.066 * g, 0.05 * g, shin)
    m.capsule(foot, (foot[0], foot[1] + 0.14, foot[2] - 0.02), 0.052, 0.042, look.shoe)


def _arm(m: MeshBuilder, look: Look, shoulder: Point, elbow: Point, hand: Point) -> None:
    g = look.girth
    m.capsule(shoulder, elbow, 0.062 * g, 0.05 * g, look.top)
    m.capsule(elbow, hand, 0.048 * g, 0.038, look.skin if look.short else look.top)
    m.ball(hand, 0.045, look.skin)


def _trunk(m: MeshBuilder, look: Look, hip_z: float, lean: float, base_y: float = 0.0) -> tuple[float, float]:
    """Torso and head; gives the shoulder's (y, z)."""
    h, g = look.height, look.girth
    top_z = hip_z + 0.29 * h
    y = base_y + lean * 0.3 * h
    for sign in (1.0, -1.0):
        m.capsule(
            (sign * 0.075 * g, base_y, hip_z), (sign * 0.1 * g, y, top_z - 0.05), 0.105 * g, 0.105 * g, look.top
        )
    m.capsule((-0.06 * g, base_y, hip_z - 0.03), (0.06 * g, base_y, hip_z - 0.03), 0.11 * g, 0.11 * g, look.bottom)
    m.capsule((-0.13 * g, y, top_z), (0.13 * g, y, top_z), 0.075 * g, 0.075 * g, look.top)
    if look.apron:
        m.capsule((0, base_y + 0.1, hip_z - 0.1), (0, y + 0.09, top_z - 0.12), 0.12 * g, 0.09 * g, look.apron)
    neck = (0.0, y + 0.02, top_z + 0.07)
    head = (0.0, y + 0.03 + lean * 0.1, top_z + 0.19)
    m.capsule((0, y, top_z), neck, 0.055, 0.052, look.skin)
    m.capsule(head, (0, head[1] + 0.015, head[2] - 0.05), 0.095, 0.08, look.skin)
    m.capsule((0, head[1] - 0.02, head[2] + 0.035), (0, head[1] - 0.05, head[2] - 0.03), 0.1, 0.085, look.hair)
    if look.hat:
        m.capsule((0, head[1], head[2] + 0.06), (0, head[1], head[2] + 0.09), 0.115, 0.09, look.hat, layer=1)
        m.capsule(
            (0, head[1] + 0.1, head[2] + 0.04), (0, head[1] + 0.14, head[2] + 0.03), 0.07, 0.05, look.hat, layer=1
        )
    if look.bag:
        m.capsule((0, y - 0.17 * g, top_z - 0.12), (0, y - 0.17 * g, top_z - 0.34), 0.13, 0.14, look.bag)
    return y, top_z


def _skirt(m: MeshBuilder, look: Look, hip_z: float) -> None:
    if look.skirt:
        m.capsule((0, 0, hip_z), (0, 0, hip_z - 0.26 * look.height), 0.13, 0.2, look.bottom)


def walking(look: Look, phase: float, stride: float = 1.0, carry: Colour | None = None) -> Mesh:
    """A walking person at ``phase`` (radians, one full turn is two steps); stride 0 stands still.

    ``carry`` puts a bag of that colour into the right hand.
    """
    m = MeshBuilder()
    h = look.height
    hip_z, leg = 0.5 * h, 0.49 * h
    _skirt(m, look, hip_z)
    for sign, shift in ((1.0, 0.0), (-1.0, np.pi)):
        swing = float(np.sin(phase + shift)) * 0.46 * stride
        lift = max(0.0, float(np.cos(phase + shift))) * 0.5 * stride
        x = sign * 0.085 * look.girth
        knee = (x, leg * 0.5 * np.sin(swing + lift * 0.6), hip_z - leg * 0.5 * np.cos(swing + lift * 0.6))
        shin = swing - lift * 0.8
        foot = (x, knee[1] + leg * 0.46 * np.sin(shin), max(0.06, knee[2] - leg * 0.46 * np.cos(shin)))
        _leg(m, look, (x, 0.0, hip_z), knee, foot)
    y, top_z = _trunk(m, look, hip_z, 0.08 * stride)
    for sign, shift in ((1.0, np.pi), (-1.0, 0.0)):
        held = carry is not None and sign > 0
        swing = 0.0 if held else float(np.sin(phase + shift)) * 0.5 * stride
        x = sign * 0.2 * look.girth
        elbow = (x + sign * 0.03, y + 0.17 * h * np.sin(swing), top_z - 0.17 * h * np.cos(swing))
        bend = swing + 0.25
        hand = (x + sign * 0.02, elbow[1] + 0.15 * h * np.sin(bend), elbow[2] - 0.15 * h * np.cos(bend))
        _arm(m, look, (x, y, top_z), elbow, hand)
        if held and carry is not None:
            m.capsule(
                (hand[0] + 0.04, hand[1], hand[2] - 0.05),
                (hand[0] + 0.06, hand[1], hand[2] - 0.3),
                0.05,
                0.2,
                carry,
            )
    return m.build((0.25, 0.25))


def serving(look: Look, phase: float) -> Mesh:
    """A vendor who stands and works with both hands before them."""
    m = MeshBuilder()
    h = look.height
    hip_z = 0.5 * h
    _skirt(m, look, hip_z)
    for sign in (1.0, -1.0):
        x = sign * 0.1 * look.girth
        _leg(m, look, (x, 0, hip_z), (x, 0.02, 0.26 * h), (x, 0.0, 0.06))
    y, top_z = _trunk(m, look, hip_z, 0.1)
    for sign in (1.0, -1.0):
        x = sign * 0.2 * look.girth
        reach = 0.26 + 0.08 * float(np.sin(phase * (1.0 + 0.3 * sign)))
        _arm(
            m,
            look,
            (x, y, top_z),
            (x + sign * 0.03, y + 0.1, top_z - 0.2),
            (x - sign * 0.05, y + reach, top_z - 0.24),
        )
    return m.build((0.25, 0.3))


def seated(look: Look, seat_z: float, hands: Point, feet: Point, lean: float = 0.15) -> MeshBuilder:
    """A person who sits at the origin at ``seat_z`` with hands and feet at given points (mirrored in x)."""
    m = MeshBuilder()
    h = look.height
    knee_y = feet[1] + 0.1
    for sign in (1.0, -1.0):
        hip = (sign * 0.09, 0.0, seat_z + 0.06)
        knee = (sign * 0.14, max(0.18, knee_y * 0.75), (seat_z + feet[2]) / 2 + 0.16)
        _leg(m, look, hip, knee, (sign * feet[0], feet[1], feet[2] + 0.05))
    y, top_z = _trunk(m, look, seat_z + 0.08, lean)
    for sign in (1.0, -1.0):
        x = sign * 0.2 * look.girth
        hand = (sign * hands[0], hands[1], hands[2])
        elbow = ((x + hand[0]) / 2 + sign * 0.06, (y + hand[1]) / 2 - 0.02, (top_z + hand[2]) / 2 - 0.06 * h)
        _arm(m, look, (x, y, top_z), elbow, hand)
    return m
