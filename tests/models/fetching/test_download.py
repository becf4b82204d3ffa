from __future__ import annotations

import asyncio
import hashlib
import resource
import shutil
import signal
from pathlib import Path

import pytest

from models.fetching.download import download, read_small
from models.fetching.faults import Fault, FetchFailed
from models.fetching.index import IndexFile
from models.fetching.rules import Patience
from tests.models.fetching.server import Handler, Mirror, times

CONTENT = bytes(range(256)) * 1000
PATIENCE = Patience(reply_s=0.5, window_s=0.5, window_bytes=1000, attempts=3)


class Pauses(list[float]):
    """Stands for sleeping, and tells for how long."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def wanted(server: Mirror, path: str = "/w.onnx", content: bytes = CONTENT) -> IndexFile:
    return IndexFile(url=server.url(path), sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))


def run(file: IndexFile, target: Path, pauses: Pauses | None = None) -> list[int]:
    told: list[int] = []
    asyncio.run(download(file, target, PATIENCE, told.append, Pauses() if pauses is None else pauses))
    return told


def fails(file: IndexFile, target: Path, reason: Fault) -> str:
    with pytest.raises(FetchFailed) as caught:
        run(file, target)
    assert caught.value.reason is reason
    assert file.url in str(caught.value) or reason in (Fault.DISK, Fault.ADDRESS)
    return str(caught.value)


def test_a_file_arrives_whole_and_progress_ends_at_its_size(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    told = run(wanted(server), tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert told[-1] == len(CONTENT)
    assert told == sorted(told)


def test_a_broken_download_goes_on_where_it_ended(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    half = {"Content-Length": str(len(CONTENT))}
    server.faults["/w.onnx"] = times(1, lambda to: to.answer(200, half, CONTENT[:100_000], cut=True))
    pauses = Pauses()
    run(wanted(server), tmp_path / "w", pauses)
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert server.asked == [("/w.onnx", None), ("/w.onnx", "bytes=100000-")]
    assert pauses == [1.0]


def test_a_partial_file_of_an_earlier_run_is_gone_on_with(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    (tmp_path / "w").write_bytes(CONTENT[:77])
    run(wanted(server), tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == CONTENT
    assert server.asked == [("/w.onnx", "bytes=77-")]


def test_a_server_without_ranges_starts_over(server: Mirror, tmp_path: Path) -> None:
    whole = {"Content-Length": str(len(CONTENT))}
    server.faults["/w.onnx"] = lambda to: to.answer(200, whole, CONTENT)
    (tmp_path / "w").write_bytes(b"x" * 77)
    run(wanted(server), tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == CONTENT


def test_a_partial_file_of_other_weights_is_fetched_anew(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    (tmp_path / "w").write_bytes(b"x" * 77)
    run(wanted(server), tmp_path / "w")
    assert (tmp_path / "w").read_bytes() == CONTENT


def test_a_whole_file_is_not_asked_for_again(server: Mirror, tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(CONTENT)
    run(wanted(server), tmp_path / "w")
    assert server.asked == []


def test_wrong_bytes_are_refused_and_not_kept(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT[::-1]
    assert "sha256" in fails(wanted(server), tmp_path / "w", Fault.CHECKSUM)
    assert list(tmp_path.iterdir()) == []
    assert len(server.asked) == 1


@pytest.mark.parametrize("claimed", [1, len(CONTENT) + 1, 10**15])
def test_a_server_that_tells_another_length_is_refused_before_a_byte(
    server: Mirror, tmp_path: Path, claimed: int
) -> None:
    server.faults["/w.onnx"] = lambda to: to.answer(200, {"Content-Length": str(claimed)}, b"x", cut=True)
    fails(wanted(server), tmp_path / "w", Fault.LENGTH)
    assert list(tmp_path.iterdir()) == []


def test_an_endless_body_ends_at_the_size_of_the_index(server: Mirror, tmp_path: Path) -> None:
    def endless(to: Handler) -> None:
        to.answer(200, {"Connection": "close"}, cut=True)
        while not to.server.done.is_set():
            to.wfile.write(CONTENT)

    server.faults["/w.onnx"] = endless
    fails(wanted(server), tmp_path / "w", Fault.LENGTH)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_range_is_refused(server: Mirror, tmp_path: Path) -> None:
    lie = {"Content-Range": f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}", "Content-Length": str(len(CONTENT))}
    server.faults["/w.onnx"] = lambda to: to.answer(206, lie, CONTENT)
    (tmp_path / "w").write_bytes(CONTENT[:77])
    fails(wanted(server), tmp_path / "w", Fault.LENGTH)
    assert list(tmp_path.iterdir()) == []


def test_a_server_whose_file_is_shorter_is_refused(server: Mirror, tmp_path: Path) -> None:
    server.faults["/w.onnx"] = lambda to: to.answer(416, {"Content-Length": "0"})
    (tmp_path / "w").write_bytes(CONTENT[:77])
    fails(wanted(server), tmp_path / "w", Fault.LENGTH)
    assert list(tmp_path.iterdir()) == []


def test_a_truncated_file_is_told_and_kept_for_the_next_run(server: Mirror, tmp_path: Path) -> None:
    def cut(to: Handler) -> None:
        to.answer(200, {"Connection": "close"}, CONTENT[:100_000], cut=True)

    server.faults["/w.onnx"] = cut
    fails(wanted(server), tmp_path / "w", Fault.TRUNCATED)
    assert len(server.asked) == PATIENCE.attempts
    server.faults.clear()
    server.files["/w.onnx"] = CONTENT
    run(wanted(server), tmp_path / "w")
    assert server.asked[-1][1] == "bytes=100000-"


@pytest.mark.parametrize(
    ("status", "reason"), [(404, Fault.NOT_FOUND), (410, Fault.NOT_FOUND), (403, Fault.REFUSED)]
)
def test_what_will_not_pass_is_not_tried_again(server: Mirror, tmp_path: Path, status: int, reason: Fault) -> None:
    server.faults["/w.onnx"] = lambda to: to.answer(status, {"Content-Length": "0"})
    fails(wanted(server), tmp_path / "w", reason)
    assert len(server.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again_when_it_says(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    busy = {"Content-Length": "0", "Retry-After": "7"}
    server.faults["/w.onnx"] = times(2, lambda to: to.answer(503, busy))
    pauses = Pauses()
    run(wanted(server), tmp_path / "w", pauses)
    assert pauses == [7.0, 7.0]


def test_nobody_there_is_tried_again_with_growing_pauses(server: Mirror, tmp_path: Path) -> None:
    file = IndexFile(url="http://127.0.0.1:9/w", sha256="0" * 64, bytes=5)
    pauses = Pauses()
    with pytest.raises(FetchFailed, match="HTTPS_PROXY") as caught:
        run(file, tmp_path / "w", pauses)
    assert caught.value.reason is Fault.UNREACHABLE
    assert pauses == [1.0, 2.0]


def test_a_body_that_only_drips_is_given_up(server: Mirror, tmp_path: Path) -> None:
    def drip(to: Handler) -> None:
        to.answer(200, {"Content-Length": str(len(CONTENT))}, cut=True)
        while not to.server.done.wait(0.05):
            to.wfile.write(b"x")
            to.wfile.flush()

    server.faults["/w.onnx"] = drip
    assert "bytes in 0.5 s" in fails(wanted(server), tmp_path / "w", Fault.TOO_SLOW)


def test_headers_that_only_drip_are_given_up(server: Mirror, tmp_path: Path) -> None:
    def drip(to: Handler) -> None:
        to.close_connection = True
        to.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not to.server.done.wait(0.05):
            to.wfile.write(b"x")
            to.wfile.flush()

    server.faults["/w.onnx"] = drip
    fails(wanted(server), tmp_path / "w", Fault.TOO_SLOW)


def test_redirects_are_followed_but_not_for_ever_and_not_to_plain_http(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    server.faults["/once"] = lambda to: to.answer(302, {"Location": "/w.onnx", "Content-Length": "0"})
    server.faults["/round"] = lambda to: to.answer(302, {"Location": "/round", "Content-Length": "0"})
    away = {"Location": "http://192.0.2.1/w.onnx", "Content-Length": "0"}
    server.faults["/away"] = lambda to: to.answer(302, away)
    server.faults["/file"] = lambda to: to.answer(302, {"Location": "file:///etc/passwd", "Content-Length": "0"})
    run(wanted(server, "/once"), tmp_path / "w")
    fails(wanted(server, "/round"), tmp_path / "x", Fault.REDIRECTS)
    for path in ("/away", "/file"):
        fails(wanted(server, path), tmp_path / "x", Fault.ADDRESS)
    assert not (tmp_path / "x").exists()


def test_a_packed_body_is_refused(server: Mirror, tmp_path: Path) -> None:
    packed = {"Content-Encoding": "gzip", "Content-Length": str(len(CONTENT))}
    server.faults["/w.onnx"] = lambda to: to.answer(200, packed, CONTENT)
    fails(wanted(server), tmp_path / "w", Fault.ENCODING)


def test_too_little_space_is_told_before_anything_is_asked(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    assert "free" in fails(wanted(server), tmp_path / "w", Fault.DISK)
    assert server.asked == []


def test_a_disk_that_fills_up_on_the_way_is_told_and_left_clean(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limit[1]))
    try:
        fails(wanted(server), tmp_path / "w", Fault.DISK)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        signal.signal(signal.SIGXFSZ, before)
    assert list(tmp_path.iterdir()) == []


def test_a_link_planted_as_partial_file_is_not_written_through(server: Mirror, tmp_path: Path) -> None:
    server.files["/w.onnx"] = CONTENT
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "w").symlink_to(tmp_path / "precious")
    run(wanted(server), tmp_path / "w")
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (tmp_path / "w").is_symlink()


def test_the_proxy_of_the_environment_is_used(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url("/"))
    address = "http://localhost:1/w.onnx"
    server.files[address] = CONTENT
    file = IndexFile(url=address, sha256=hashlib.sha256(CONTENT).hexdigest(), bytes=len(CONTENT))
    run(file, tmp_path / "w")
    assert server.asked == [(address, None)]


def test_a_proxy_variable_that_makes_no_sense_is_a_clear_refusal(
    server: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for proxy in ("nonsense://x:1", "socks5://127.0.0.1:1"):
        monkeypatch.setenv("ALL_PROXY", proxy)
        fails(wanted(server), tmp_path / "w", Fault.UNREACHABLE)


def test_an_index_is_read_up_to_its_limit(server: Mirror) -> None:
    server.files["/index.toml"] = b"x" * 1000
    assert asyncio.run(read_small(server.url("/index.toml"), 1000, PATIENCE)) == b"x" * 1000
    with pytest.raises(FetchFailed, match="no index"):
        asyncio.run(read_small(server.url("/index.toml"), 999, PATIENCE))
    with pytest.raises(FetchFailed, match="404"):
        asyncio.run(read_small(server.url("/none.toml"), 999, PATIENCE))
