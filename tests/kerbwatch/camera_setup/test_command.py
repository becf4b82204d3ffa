"""``kerbwatch camera setup`` before the page opens: what it refuses, and what it makes of an address."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from kerbwatch.camera_setup.saving import TargetError, save
from kerbwatch.camera_setup.still import name_from, new_draft, take_still
from kerbwatch.commands.camera import camera


def folder_of_pictures(where: Path) -> Path:
    """A camera that is a folder with one picture, 64 x 48."""
    where.mkdir()
    cv2.imwrite(str(where / "0001.jpg"), np.full((48, 64, 3), 90, np.uint8))
    return where


def test_an_existing_file_is_not_replaced_unless_forced(tmp_path: Path) -> None:
    source, out = folder_of_pictures(tmp_path / "cam"), tmp_path / "camera.toml"
    out.write_text("mine")
    result = CliRunner().invoke(camera, ["setup", str(source), "--out", str(out), "--no-browser"])
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert "--force" in result.output
    with pytest.raises(TargetError, match="exists already"):
        save("new", out, force=False)
    assert out.read_text() == "mine"
    save("new", out, force=True)
    assert out.read_text() == "new"


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    save('source = "rtsp://user:secret@10.0.0.7/main"', tmp_path / "camera.toml", force=False)
    assert (tmp_path / "camera.toml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("out", ["missing/camera.toml", "."])
def test_a_place_that_cannot_hold_a_file_is_named(tmp_path: Path, out: str) -> None:
    result = CliRunner().invoke(camera, ["setup", "x.mp4", "--out", str(tmp_path / out), "--no-browser"])
    assert result.exit_code == 1
    assert "--out" in result.output


@pytest.mark.parametrize("url", ["no-such-file.mp4", "ftp://host/x", "http://"])
def test_an_address_that_leads_nowhere_is_refused_in_a_sentence(url: str) -> None:
    result = CliRunner().invoke(camera, ["setup", url, "--no-browser"])
    assert result.exit_code == 1
    assert result.output.startswith("Error:")
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_a_password_in_the_address_is_not_printed() -> None:
    url = "rtsp://user:hunter2@127.0.0.1:1/main"
    result = CliRunner().invoke(camera, ["setup", url, "--no-browser", "--timeout", "1"])
    assert result.exit_code == 1
    assert "hunter2" not in result.output


def test_a_source_below_the_files_folder_is_written_relative_to_it(tmp_path: Path) -> None:
    source = folder_of_pictures(tmp_path / "cam")
    assert new_draft(str(source), tmp_path).source == "cam"
    assert new_draft(str(source), tmp_path / "elsewhere").source == str(source.resolve())
    assert new_draft("rtsp://10.0.0.7/main", tmp_path).source == "rtsp://10.0.0.7/main"


def test_the_still_keeps_the_cameras_size(tmp_path: Path) -> None:
    still = take_still(str(folder_of_pictures(tmp_path / "cam")), 5.0)
    assert (still.width, still.height) == (64, 48)
    assert still.jpeg.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("stem", "name"), [("Junction 17 (north)", "junction-17-north"), ("__", "camera-1"), ("北", "camera-1")]
)
def test_any_file_name_becomes_a_camera_name(stem: str, name: str) -> None:
    assert name_from(stem) == name
