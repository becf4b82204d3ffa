"""Night and rain (夜间, 雨天) laid over a picture taken by day; boxes stay where they are."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from models.training.boxes import Picture


def night(rng: Generator, picture: Picture) -> Picture:
    """Dark, with the tint of street lamps, pools of light, and the grain of a sensor at its limit."""
    height, width = picture.shape[:2]
    level = rng.uniform(0.12, 0.45)
    curved = (picture.astype(np.float32) / 255) ** rng.uniform(1.1, 1.8) * level
    lamps = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        cv2.circle(lamps, centre, int(width * rng.uniform(0.08, 0.25)), float(rng.uniform(0.5, 1.8)), -1)
    lamps = cv2.GaussianBlur(lamps, (0, 0), width * 0.06)
    tint = np.array([rng.uniform(0.55, 1.05), rng.uniform(0.8, 1.0), 1.0], np.float32)
    lit = curved * (1 + lamps[..., None]) * tint
    grain = rng.normal(0, rng.uniform(0.01, 0.035), picture.shape)
    return np.clip((lit + grain) * 255, 0, 255).astype(np.uint8)


def rain(rng: Generator, picture: Picture) -> Picture:
    """Slanting streaks and the haze between camera and street."""
    height, width = picture.shape[:2]
    streaks = np.zeros((height, width), np.float32)
    slant = rng.uniform(-0.35, 0.35)
    for _ in range(int(width * height * rng.uniform(0.0006, 0.003))):
        x, y, length = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(5, 18)
        cv2.line(
            streaks, (int(x), int(y)), (int(x + slant * length), int(y + length)), float(rng.uniform(0.3, 1)), 1
        )
    streaks = cv2.GaussianBlur(streaks, (0, 0), 0.7)[..., None] * rng.uniform(40, 120)
    haze = rng.uniform(0.05, 0.30)
    grey = float(picture.mean()) * 0.5 + 80
    return np.clip(picture * (1 - haze) + grey * haze + streaks, 0, 255).astype(np.uint8)
