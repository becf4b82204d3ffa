"""A street drawn with plain arithmetic: the same bytes on every machine, and enough in it to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360

_SKY, _ASPHALT, _PAVEMENT = (200, 180, 160), (88, 86, 84), (150, 152, 150)
_CARS = (
    (70, 190, 170, 80, (40, 40, 200)),
    (300, 170, 130, 64, (210, 210, 215)),
    (470, 220, 160, 84, (160, 90, 30)),
)
_PEOPLE = ((265, 205, 96), (455, 150, 70), (36, 150, 80))


def street() -> NDArray[np.uint8]:
    """The picture: 360 x 640 x 3, BGR, uint8. Three cars and three people stand on a street."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:150], picture[150:172], picture[172:] = _SKY, _PAVEMENT, _ASPHALT
    for left, width, height in ((0, 150, 130), (160, 210, 110), (380, 260, 140)):
        picture[150 - height : 150, left : left + width] = (120 + height // 4, 130, 140 + left // 16)
        picture[158 - height : 140 : 26, left + 12 : left + width - 12] = (60, 60, 60)
    for car in _CARS:
        _car(picture, *car)
    for person in _PEOPLE:
        _person(picture, *person)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    grain = ((rows * 7919 + columns * 104729) % 23).astype(np.int16) - 11
    return np.asarray(np.clip(picture.astype(np.int16) + grain[..., None], 0, 255), np.uint8)


def _disc(picture: NDArray[np.uint8], x: int, y: int, radius: int, colour: tuple[int, int, int]) -> None:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = colour


def _car(picture: NDArray[np.uint8], x: int, y: int, w: int, h: int, colour: tuple[int, int, int]) -> None:
    picture[y + h - 6 : y + h + 4, x : x + w] = (30, 30, 30)
    picture[y + h * 4 // 10 : y + h - 4, x : x + w] = colour
    for row in range(h * 4 // 10):  # the roof widens downwards
        inset = w * 3 // 10 - row * w * 3 // 10 * 6 // (h * 4)
        picture[y + row, x + inset : x + w - inset] = colour if row < 4 else (60, 50, 45)
    picture[y : y + h * 4 // 10, x + w // 2 - 2 : x + w // 2 + 2] = colour
    picture[y + h // 2 : y + h // 2 + 6, x : x + 8] = (60, 220, 250)
    for wheel in (x + w // 5, x + w * 4 // 5):
        _disc(picture, wheel, y + h - 4, h // 6, (20, 20, 20))
        _disc(picture, wheel, y + h - 4, h // 12, (170, 170, 170))


def _person(picture: NDArray[np.uint8], x: int, y: int, h: int) -> None:
    _disc(picture, x, y + h // 12, h // 12, (130, 160, 200))
    picture[y + h // 6 : y + h * 55 // 100, x - h // 8 : x + h // 8] = (150, 60, 50)
    picture[y + h // 5 : y + h // 2, x - h // 6 : x - h // 8] = (130, 160, 200)
    picture[y + h // 5 : y + h // 2, x + h // 8 : x + h // 6] = (130, 160, 200)
    picture[y + h * 55 // 100 : y + h, x - h // 9 : x - h // 40] = (50, 40, 40)
    picture[y + h * 55 // 100 : y + h, x + h // 40 : x + h // 9] = (50, 40, 40)
