"""Evidence files and their way to the centre: content-addressed, bounded, never in the way of an event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import httpx
import pytest

from edge.config import CentreSection
from edge.database import Database
from edge.pictures import PictureStore
from edge.uploader import Uploader
from ingest.clock import ManualClock
from tests.edge.doubles import START, open_spool


def opened(directory: Path, quota_bytes: int = 1_000_000) -> tuple[Database, PictureStore]:
    database, _ = open_spool(directory)
    return database, PictureStore(database, directory / "evidence", quota_bytes=quota_bytes)


def put(database: Database, store: PictureStore, content: bytes) -> str:
    stored = store.write(content)
    with database.transaction() as connection:
        store.enqueue(connection, [stored])
    return stored.sha256


def counters(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return dict(connection.execute("SELECT name, value FROM counters").fetchall())


def test_a_picture_is_named_by_its_content_and_written_whole(tmp_path: Path) -> None:
    _, store = opened(tmp_path)
    stored = store.write(b"picture")
    assert stored.sha256 == hashlib.sha256(b"picture").hexdigest()
    assert store.path(stored.sha256).read_bytes() == b"picture"
    assert store.write(b"picture") == stored
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == [f"{stored.sha256}.jpg"]


def test_the_sweep_removes_what_no_event_names_and_nothing_else(tmp_path: Path) -> None:
    database, store = opened(tmp_path)
    kept = put(database, store, b"kept")
    orphan = store.write(b"orphan")
    (tmp_path / "evidence" / "notes.txt").write_text("somebody's")
    (tmp_path / "evidence" / f"{'0' * 64}.1-ab.part").write_bytes(b"half")
    assert store.sweep() == 2
    assert store.path(kept).exists()
    assert not store.path(orphan.sha256).exists()
    assert (tmp_path / "evidence" / "notes.txt").exists()


def test_the_quota_takes_sent_pictures_first_and_counts_unsent_ones(tmp_path: Path) -> None:
    database, store = opened(tmp_path, quota_bytes=250)
    names = [put(database, store, bytes([index]) * 100) for index in range(4)]
    store.uploaded(names[2])
    assert store.keep_quota() == 2
    assert [store.path(name).exists() for name in names] == [False, True, False, True]
    assert counters(database)["pictures_evicted"] == 2
    assert counters(database)["pictures_evicted_unsent"] == 1


class Centre:
    """Answers PUT with the statuses of a script, then 201."""

    def __init__(self, *script: int | Exception) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.script.pop(0) if self.script else 201
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer)


def uploader(
    store: PictureStore, centre: Callable[[httpx.Request], httpx.Response], clock: ManualClock, directory: Path
) -> Uploader:
    token = directory / "token"
    token.write_text("abc\n")
    return Uploader(
        CentreSection(url="http://127.0.0.1:8080", token_file=token),
        store,
        clock=clock,
        rng=Random(1),
        transport=httpx.MockTransport(centre),
    )


def test_a_picture_is_put_by_its_hash_with_the_token(tmp_path: Path) -> None:
    database, store = opened(tmp_path)
    name = put(database, store, b"picture")
    centre = Centre()
    sender = uploader(store, centre, ManualClock(START), tmp_path)
    assert sender.step() == 0.0
    request = centre.requests[0]
    assert (request.method, request.url.path) == ("PUT", f"/api/v1/pictures/{name}")
    assert request.headers["Authorization"] == "Bearer abc"
    assert request.headers["Content-Type"] == "image/jpeg"
    assert request.content == b"picture"
    assert store.queued() == 0
    assert sender.step() > 0
    assert len(centre.requests) == 1
    sender.stop()


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_picture_the_centre_will_never_take_is_not_sent_for_ever(tmp_path: Path, status: int) -> None:
    database, store = opened(tmp_path)
    put(database, store, b"picture")
    centre = Centre(status)
    clock = ManualClock(START)
    sender = uploader(store, centre, clock, tmp_path)
    for _ in range(5):
        sender.step()
        clock.advance(3600)
    assert len(centre.requests) == 1
    assert counters(database)[f"pictures_refused_http_{status}"] == 1
    sender.stop()


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_one_picture_in_trouble_waits_while_others_go_on(tmp_path: Path, status: int) -> None:
    database, store = opened(tmp_path)
    put(database, store, b"first")
    put(database, store, b"second")
    centre = Centre(status)
    clock = ManualClock(START)
    sender = uploader(store, centre, clock, tmp_path)
    sender.step()
    sender.step()
    assert store.queued() == 1
    assert sender.step() > 0
    clock.advance(10)
    sender.step()
    assert store.queued() == 0
    sender.stop()


def test_a_dead_centre_is_asked_at_growing_intervals(tmp_path: Path) -> None:
    database, store = opened(tmp_path)
    put(database, store, b"picture")
    centre = Centre(*[httpx.ConnectError("refused") for _ in range(8)])
    sender = uploader(store, centre, ManualClock(START), tmp_path)
    pauses = [sender.step() for _ in range(8)]
    assert pauses[-1] > 30
    assert store.queued() == 1
    assert sender.step() == 0.0
    assert store.queued() == 0
    sender.stop()


def test_a_lost_file_is_counted_and_stops_nothing(tmp_path: Path) -> None:
    database, store = opened(tmp_path)
    name = put(database, store, b"lost")
    put(database, store, b"there")
    store.path(name).unlink()
    centre = Centre()
    sender = uploader(store, centre, ManualClock(START), tmp_path)
    sender.step()
    sender.step()
    assert [request.content for request in centre.requests] == [b"there"]
    assert counters(database)["pictures_refused_lost"] == 1
    sender.stop()
