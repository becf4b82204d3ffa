"""The set-up page end to end: the real command, a real browser, and the file read by the edge's configuration."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from detectors.ground import METRES_PER_DEGREE
from edge.config import NodeConfig
from ingest.config import parse_config
from ingest.taxonomy import Category, ZonePurpose
from tests.browser import chromium
from tests.processes import end
from tests.waiting import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAD = '[node]\nsite = "xuhui"\nname = "junction-17"\ndata_dir = "data"\n\n'


@pytest.fixture
def page_url(tmp_path: Path) -> Iterator[str]:
    """The command, running on a folder of pictures, saving to ``camera.toml`` beside it."""
    (tmp_path / "north").mkdir()
    cv2.imwrite(str(tmp_path / "north" / "0001.jpg"), np.full((480, 640, 3), 90, np.uint8))
    log = tmp_path / "log.txt"
    command = [sys.executable, "-m", "kerbwatch", "camera", "setup", "north", "--no-browser", "--port", "0"]
    with log.open("w") as stream:
        process = subprocess.Popen([*command, "--out", "camera.toml"], cwd=tmp_path, stdout=stream, stderr=stream)
        wait_for(lambda: "http://" in log.read_text(), what="printed address")
        yield log.read_text().split()[-1]
        end(process)


@pytest.fixture
def page(page_url: str) -> Iterator[Page]:
    """The page, its picture loaded."""
    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.goto(page_url)
        opened.wait_for_function("document.querySelector('.stage img')?.naturalWidth === 640")
        yield opened


def click_picture(page: Page, x: float, y: float) -> None:
    """Click at fractions of the still."""
    box = page.locator(".stage img").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_clicks_become_a_file_the_edge_loads(page: Page, tmp_path: Path) -> None:
    corners = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
    for x, y in [*corners, corners[0]]:
        click_picture(page, x, y)
    expect(page.locator(".zone")).to_have_count(1)
    page.get_by_label("Zone 1").fill("no-stopping-east")
    page.keyboard.press("Escape")
    page.get_by_text("Ground points", exact=True).click()
    points = [(0.1, 0.9), (0.9, 0.9), (0.9, 0.1), (0.1, 0.1), (0.5, 0.5)]
    for number, (x, y) in enumerate(points):
        click_picture(page, x, y)
        row = page.locator(".ground").nth(number)
        row.get_by_label("Latitude").fill(f"{31.2 + (1 - y) * 1e-3:.7f}")
        row.get_by_label("Longitude").fill(f"{121.4 + x * 1e-3:.7f}")
    expect(page.locator(".error-m").last).to_contain_text("m")
    off = f"{31.2 + 0.5e-3 + 20 / METRES_PER_DEGREE:.7f}"
    page.locator(".ground").last.get_by_label("Latitude").fill(off)
    expect(page.locator(".fit")).to_contain_text("reprojection error")
    expect(page.locator(".error-m").last).not_to_have_text("± 0.00 m")
    page.get_by_text("Save camera.toml").click()
    expect(page.locator(".result")).to_contain_text("Saved camera.toml")
    config = parse_config(
        HEAD + (tmp_path / "camera.toml").read_text(), NodeConfig, source="saved", base_dir=tmp_path
    )
    camera = config.cameras[0]
    zone = camera.zones[0]
    assert (camera.name, zone.name, zone.purpose) == ("north", "no-stopping-east", ZonePurpose.NO_STOPPING)
    assert zone.rules[0].category is Category.PARKED_VEHICLE
    for (x, y), corner in zip(corners, zone.polygon, strict=True):
        assert corner == pytest.approx((x, y), abs=0.003)
    plane = camera.ground_plane()
    assert plane is not None
    assert plane.rms_m > 1


def test_nothing_can_be_saved_before_it_is_valid(page: Page, tmp_path: Path) -> None:
    save = page.locator(".act.confirm")
    expect(save).to_be_disabled()
    for x, y in [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8)]:
        click_picture(page, x, y)
    page.keyboard.press("Enter")
    expect(save).to_be_enabled()
    page.get_by_label("after").fill("-5")
    expect(page.locator(".finish .state")).to_contain_text("dwell_s")
    expect(save).to_be_disabled()
    assert not (tmp_path / "camera.toml").exists()


def test_what_was_drawn_outlives_a_reload_of_the_page(page: Page) -> None:
    for x, y in [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.2)]:
        click_picture(page, x, y)
    expect(page.locator(".zone")).to_have_count(1)
    page.reload()
    expect(page.locator(".zone")).to_have_count(1)


def test_other_sites_cannot_talk_to_the_page_or_frame_it(page_url: str) -> None:
    own = httpx.get(page_url)
    assert (own.status_code, own.headers["x-frame-options"]) == (200, "DENY")
    assert httpx.get(page_url, headers={"Host": "evil.example"}).status_code == 421
    assert httpx.post(page_url, headers={"Origin": "https://evil.example"}).status_code == 403
