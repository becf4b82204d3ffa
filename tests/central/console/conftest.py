"""A running console over a real case database, and browsers that look at it."""

from __future__ import annotations

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.cases import CaseService
from alerts.intake import Intake
from alerts.storage.database import Database
from ingest.clock import SystemClock
from ingest.messages import EvidencePicture, EvidenceRole, NodeStatus
from ingest.topics import Channel
from tests.alerts.reports import START, Node, Problem
from tests.browser import chromium
from tests.processes import end
from tests.servers import free_port, listening
from tests.waiting import HANG_S, wait_for


class Centre:
    """``kerbwatch central`` in a process of its own (its broker is down) and, beside it, the database it reads.

    NiceGUI is process-wide, so a console under test never shares the tests' process.
    """

    def __init__(self, folder: Path, token: str | None = None) -> None:
        self.folder = folder
        self.database = Database(f"sqlite:///{folder / 'centre.db'}")
        self.cases = CaseService(self.database, SystemClock())
        self.node = Node()
        self.problems = 0
        self._pristine = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(folder / "centre.db")) as live:
            live.backup(self._pristine)
        self._intake = Intake(self.database)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = f'[centre]\ndata_dir = "."\n[mqtt]\nport = {free_port()}\n[http]\nport = {port}\n'
        if token is not None:
            (folder / "token.txt").write_text(token)
            config += 'access_token_file = "token.txt"\n'
        (folder / "central.toml").write_text(config)
        self._log = (folder / "log.txt").open("ab")
        command = [sys.executable, "-m", "kerbwatch", "central", "--config", "central.toml"]
        self._process = subprocess.Popen(command, cwd=folder, stdout=self._log, stderr=self._log)
        wait_for(lambda: listening(port), what="console listening")

    def report(self, name: str, *, why: str | None = None, pictures: tuple[EvidencePicture, ...] = ()) -> int:
        """Take one problem in through the real intake; the number of its case."""
        row, column = divmod(self.problems, 20)
        self.problems += 1
        box = (0.05 + column * 0.045, 0.3 + row * 0.05, 0.07 + column * 0.045, 0.33 + row * 0.05)
        problem = Problem(self.node, name, begin=100.0 * self.problems, place=name, box=box)
        event = problem.opened(pictures=pictures)
        if why is not None:
            event = event.model_copy(update={"data": event.data.model_copy(update={"reason": why})})
        outcome = self._intake.process([self.node.received(event)])[0]
        assert outcome.kind == "stored", outcome
        return max(case.number for case in self.cases.queue())

    def status(self, status: NodeStatus) -> None:
        """Take a node's status in."""
        now = SystemClock().now()
        event = self.node.event(status, now, spooled=False)
        assert self._intake.process([self.node.received(event, Channel.STATUS, now)])[0].kind == "stored"

    def picture(self, *, arrived: bool = True) -> EvidencePicture:
        """A wide frame, brought to the centre unless still on its way."""
        _, data = cv2.imencode(".jpg", np.full((480, 640, 3), 120, np.uint8))
        jpeg = data.tobytes()
        sha256 = hashlib.sha256(jpeg).hexdigest()
        if arrived:
            url = f"{self.url}/api/v1/pictures/{sha256}"
            httpx.put(url, content=jpeg, headers={"Content-Type": "image/jpeg"}, timeout=HANG_S).raise_for_status()
        return EvidencePicture(
            role=EvidenceRole.WIDE, sha256=sha256, bytes=len(jpeg), width=640, height=480, taken_at=START
        )

    def forget(self) -> None:
        """Put the empty database back: the next test's clean start without the next process.

        SQLite's own backup does it beneath the running server; rows could not be deleted, history is append-only.
        """
        with closing(sqlite3.connect(self.folder / "centre.db")) as live:
            self._pristine.backup(live)
        self._intake = Intake(self.database)
        self.node = Node()
        self.problems = 0

    def stop(self) -> None:
        """End the process and release the files."""
        try:
            end(self._process)
        finally:
            self._log.close()
            self._pristine.close()
            self.database.close()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """One console for a module."""
    running = Centre(tmp_path_factory.mktemp("centre"))
    yield running
    running.stop()


@pytest.fixture
def centre(process: Centre) -> Centre:
    """An empty centre."""
    process.forget()
    return process


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module."""
    with chromium() as running:
        yield running


@pytest.fixture
def sit_down(centre: Centre, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Opens the queue for an operator of the given name, each in a browser profile of their own."""
    contexts = []

    def open_queue(name: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        contexts.append(context)
        page = context.new_page()
        page.goto(centre.url)
        # What is typed before the page has its connection to the server is lost.
        expect(page.locator(".feed")).not_to_contain_text("connecting", timeout=30_000)
        field = page.locator(".sheet input")
        field.fill(name)
        field.press("Enter")
        field.wait_for(state="hidden")
        return page

    yield open_queue
    for context in contexts:
        context.close()
