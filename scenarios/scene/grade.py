"""What the street camera does to the picture: exposure, colour cast, softness, noise, weather."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scenarios.scene.camera import Floats, Image
from scenarios.scene.textures import noise_tile


@dataclass(frozen=True)
class Sensor:
    """Flaws of one camera. ``gain`` per channel (BGR), ``gamma``, blur in pixels, noise in grey levels,
    ``vignette`` the loss of light in the corners."""

    gain: tuple[float, float, float]
    gamma: float
    contrast: float
    saturation: float
    blur: float
    noise: float
    vignette: float
    rain: float = 0.0

    def table(self) -> Image:
        """Look-up table (256,) for gamma and contrast."""
        base = np.arange(256) / 255.0
        curved = np.clip((base**self.gamma - 0.5) * self.contrast + 0.5, 0, 1)
        return (curved * 255).astype(np.uint8)

    def mix(self) -> Floats:
        """Matrix (3, 3) on BGR for saturation and gain."""
        grey = np.array([0.114, 0.587, 0.299])
        matrix = np.eye(3) * self.saturation + (1 - self.saturation) * grey[None, :]
        result: Floats = np.array(self.gain)[:, None] * matrix
        return result


def random_sensor(rng: np.random.Generator, wild: float) -> Sensor:
    """A camera; ``wild`` from 0 (a decent one) to 1 (anything one meets on a street)."""
    warm = rng.normal(0, 0.03 + 0.04 * wild)
    gain = rng.uniform(0.98 - 0.16 * wild, 1.06 + 0.1 * wild)
    return Sensor(
        gain=(gain * (1 - warm), gain, gain * (1 + warm)),
        gamma=rng.uniform(0.82 - 0.05 * wild, 0.98 + 0.25 * wild),
        contrast=rng.uniform(0.96 - 0.18 * wild, 1.1 + 0.15 * wild),
        saturation=rng.uniform(0.75 - 0.45 * wild, 1.0),
        blur=rng.uniform(0.35, 0.6 + 0.9 * wild),
        noise=rng.uniform(1.2, 2.4 + 7 * wild),
        vignette=rng.uniform(0.0, 0.25),
        rain=rng.uniform(0.3, 1.0) if rng.random() < 0.1 * wild else 0.0,
    )


def exposed(sensor: Sensor, picture: Image, level: float) -> Sensor:
    """The sensor with the gain that an automatic exposure would choose: mean grey of ``picture`` to ``level``."""
    factor = float(np.clip(level / max(1.0, float(picture.mean())), 0.75, 1.7))
    blue, green, red = sensor.gain
    return replace(sensor, gain=(blue * factor, green * factor, red * factor))


def darken_corners(picture: Image, vignette: float) -> Image:
    """The picture (H, W, 3) with less light towards its corners."""
    height, width = picture.shape[:2]
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    off = ((columns - width / 2) / width) ** 2 + ((rows - height / 2) / height) ** 2
    shade = np.clip(255 * (1 - vignette * off * 2), 0, 255).astype(np.uint8)
    return np.asarray(cv2.multiply(picture, cv2.cvtColor(shade, cv2.COLOR_GRAY2BGR), scale=1 / 255.0), np.uint8)


class Grader:
    """Applies a sensor's flaws to frames (H, W, 3)."""

    def __init__(self, sensor: Sensor) -> None:
        self._sensor = sensor
        self._table = sensor.table()
        self._mix = sensor.mix()
        self._noise = _noise_fields(sensor.noise)

    def apply(self, frame: Image, rng: np.random.Generator) -> Image:
        """A new frame as the camera would give it; noise is drawn from ``rng``."""
        sensor = self._sensor
        frame = np.asarray(cv2.transform(frame, self._mix), np.uint8)
        if sensor.rain:
            frame = _rain(frame, sensor.rain, rng)
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), sensor.blur), np.uint8)
        frame = np.asarray(cv2.LUT(frame, self._table), np.uint8)
        height, width = frame.shape[:2]
        y, x = int(rng.integers(1024 - height)), int(rng.integers(1024 - width))
        return np.asarray(
            cv2.addWeighted(frame, 1.0, self._noise[y : y + height, x : x + width], 1.0, -128), np.uint8
        )


@lru_cache(maxsize=1)
def _noise_base() -> NDArray[np.float32]:
    """Coloured noise (1024, 1024, 3) of deviation about 1."""
    fine = noise_tile("fine")
    planes = [np.roll(fine, shift, axis=(0, 1)) for shift in ((0, 0), (211, 97), (503, 389))]
    return np.asarray((planes[0][..., None] * 0.75 + np.stack(planes, axis=2) * 0.45) / 2, np.float32)


def _noise_fields(level: float) -> Image:
    """Sensor noise (1024, 1024, 3) about 128."""
    base = _noise_base()
    return np.asarray(cv2.convertScaleAbs(base * np.float32(level) + np.float32(128)), np.uint8)


def _rain(frame: Image, strength: float, rng: np.random.Generator) -> Image:
    """Streaks and drops on the dome."""
    height, width = frame.shape[:2]
    streaks = np.zeros((height, width), np.uint8)
    for _ in range(int(160 * strength)):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        cv2.line(
            streaks, (x, y), (x + 1, y + int(rng.integers(6, 22))), (int(rng.integers(30, 90)),), 1, cv2.LINE_AA
        )
    result = np.asarray(cv2.add(frame, cv2.cvtColor(streaks, cv2.COLOR_GRAY2BGR)), np.uint8)
    soft = cv2.GaussianBlur(result, (0, 0), 5)
    for _ in range(int(12 * strength)):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        mask = np.zeros((height, width), np.uint8)
        cv2.circle(mask, centre, int(rng.integers(5, 22)), (255,), -1)
        result[mask > 0] = soft[mask > 0]
    return result
