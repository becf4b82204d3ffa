"""Which addresses a camera may have, and that no password leaves through a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.cameras import AddressError, AddressKind, parse_address, sanitise


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("rtsp://10.0.0.7/main", AddressKind.RTSP),
        ("RTSPS://user:pw@camera.example:322/main", AddressKind.RTSP),
        ("http://camera.example/mjpeg", AddressKind.HTTP),
        ("https://camera.example/mjpeg?x=1", AddressKind.HTTP),
        ("usb:0", AddressKind.USB),
    ],
)
def test_the_allowed_addresses_are_live_ones_or_paths(text: str, kind: AddressKind) -> None:
    address = parse_address(text)
    assert address.kind is kind
    assert address.live


@pytest.mark.parametrize(
    "text",
    [
        "",
        "file:///etc/passwd",
        "concat:a.ts|b.ts",
        "subfile,,start,0,end,10,,:/etc/passwd",
        "pipe:0",
        "data:image/png;base64,AAAA",
        "ftp://host/x.mp4",
        "udp://239.0.0.1:1234",
        "rtsp://",
        "rtsp:/host/main",
        "http://host:99999/",
        "usb:one",
        "usb:-1",
        "usb:123",
        "rtsp://host/\nmain",
        "no-such-file.mp4",
        "~no-such-user/clip.mp4",
        "x" * 300 + ".mp4",
    ],
)
def test_any_other_address_is_refused_with_the_fix(text: str, tmp_path: Path) -> None:
    with pytest.raises(AddressError, match="give "):
        parse_address(text, base_dir=tmp_path)


def test_relative_paths_belong_to_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.mp4").write_bytes(b"x")
    assert parse_address("clips/a.mp4", base_dir=tmp_path).target == str(tmp_path / "clips" / "a.mp4")
    assert parse_address("clips", base_dir=tmp_path).kind is AddressKind.FOLDER


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:s3cret@10.0.0.7/main",
        "Connection refused: 'rtsp://admin:s3cret@10.0.0.7:554/main' after 3 s",
        "rtsp://admin:pa@s3cret@10.0.0.7/main",
        "two: http://a:s3cret@h/ and https://b:s3cret@k/",
        "http://h/mjpeg?user=admin&password=s3cret&x=1",
        "http://h/mjpeg?x=1&access_token=s3cret",
        "{'source': 'rtsp://admin:s3cret@10.0.0.7/main'}",
    ],
)
def test_no_password_survives_sanitising(text: str) -> None:
    assert "s3cret" not in sanitise(text)


def test_sanitising_leaves_the_rest_of_a_text_alone() -> None:
    assert sanitise("rtsp://10.0.0.7/main?x=1 failed; mail a@b.example") == (
        "rtsp://10.0.0.7/main?x=1 failed; mail a@b.example"
    )


word = st.text(
    st.characters(codec="ascii", categories=["L", "N"], include_characters="!$%^&*()_+@:;,.~"), min_size=8
)


@given(user=word, password=word)
def test_an_address_never_shows_its_password(user: str, password: str) -> None:
    address = parse_address(f"rtsp://{user}:{password}@10.0.0.7/main")
    assert password not in address.shown
    assert password not in repr(address)
