"""Light of a scene: sun, sky and the colours they give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.scene.camera import Floats


@dataclass(frozen=True)
class Light:
    """Sun and sky. Colours are BGR, 0-255; strengths are factors of a surface's own colour."""

    to_sun: Floats  # unit vector (3,) from the ground towards the sun
    sun: float
    ambient: float
    sky_top: tuple[float, float, float]
    sky_low: tuple[float, float, float]
    shadow: float  # how much of the ground's light a full shadow takes away, 0-1
    night: bool = False

    def shade(self, normals: Floats, to_eye: Floats, colours: Floats, gloss: Floats) -> Floats:
        """Light on faces: unit normals (N, 3), unit directions to the eye (N, 3), BGR (N, 3), gloss (N,)."""
        facing = np.clip(normals @ self.to_sun, 0, None)
        fill = self.ambient * (0.80 + 0.20 * normals[:, 2])
        result = colours * (fill + self.sun * facing)[:, None]
        half = to_eye + self.to_sun
        half /= np.linalg.norm(half, axis=1, keepdims=True)
        glint = np.clip(np.einsum("ij,ij->i", normals, half), 0, 1) ** 22 * self.sun
        mirrored_up = 2 * np.einsum("ij,ij->i", normals, to_eye) * normals[:, 2] - to_eye[:, 2]
        sky = np.clip(mirrored_up, 0, 1) * self.ambient * 0.32
        result += (gloss * (glint * 190))[:, None] + (gloss * sky)[:, None] * np.array(self.sky_low)
        return np.clip(result, 0, 255)


def sun_direction(azimuth: float, elevation: float) -> Floats:
    """Unit vector to the sun; azimuth turns from +y to +x, radians."""
    flat = np.cos(elevation)
    return np.array([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)])


def random_light(rng: np.random.Generator, kinds: tuple[float, float, float, float]) -> Light:
    """A light for one scene; ``kinds`` are the chances of sunny, overcast, dusk and night."""
    kind = rng.choice(4, p=kinds)
    azimuth = rng.uniform(0, 2 * np.pi)
    if kind == 0:
        return Light(
            to_sun=sun_direction(azimuth, rng.uniform(0.6, 1.15)),
            sun=rng.uniform(0.40, 0.62),
            ambient=rng.uniform(0.50, 0.66),
            sky_top=(205, 160, 110),
            sky_low=(235, 222, 205),
            shadow=rng.uniform(0.38, 0.55),
        )
    if kind == 1:
        return Light(
            to_sun=sun_direction(azimuth, 1.3),
            sun=rng.uniform(0.05, 0.16),
            ambient=rng.uniform(0.70, 0.86),
            sky_top=(198, 194, 188),
            sky_low=(222, 220, 216),
            shadow=rng.uniform(0.08, 0.18),
        )
    if kind == 2:
        return Light(
            to_sun=sun_direction(azimuth, rng.uniform(0.3, 0.5)),
            sun=rng.uniform(0.2, 0.4),
            ambient=rng.uniform(0.42, 0.55),
            sky_top=(150, 120, 105),
            sky_low=(150, 180, 230),
            shadow=rng.uniform(0.2, 0.4),
        )
    return Light(
        to_sun=sun_direction(azimuth, 1.2),
        sun=rng.uniform(0.05, 0.15),
        ambient=rng.uniform(0.30, 0.45),
        sky_top=(40, 26, 20),
        sky_low=(70, 52, 46),
        shadow=rng.uniform(0.2, 0.35),
        night=True,
    )
