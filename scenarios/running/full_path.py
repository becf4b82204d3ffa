"""The full path (全链路): a scenario's videos through real nodes, a real broker and a real centre into its database."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import httpx
from pydantic import TypeAdapter
from sqlalchemy import select

from alerts.storage.database import Database
from alerts.storage.tables import NodeRow
from ingest.messages import Name
from scenarios.report import Report
from scenarios.running.centre_report import read_report
from scenarios.running.node_file import cameras_by_node, node_toml, sensors_by_node
from scenarios.stack.broker import Broker, BrokerError, free_port, start_broker
from scenarios.stack.processes import Household, Program
from scenarios.truth import Truth

CENTRE_START_S = 60.0
CENTRE_LIMIT_S = 60.0
"""How long the centre may take for what the nodes have delivered."""
LIMIT_BASE_S = 180.0
LIMIT_PER_LOOK_S = 1.0
"""A node may take so long, and so long again for each look of its cameras, before its scenario counts as failed."""
POLL_S = 0.1

CELL_DEG = 0.05
"""Runs lie so many degrees of longitude apart, kilometres in every inhabited latitude."""
_WEST_DEG, _CELLS = -170.0, 6800
_NAME: TypeAdapter[str] = TypeAdapter(Name)


class RunFailedError(Exception):
    """A scenario that could not be run to its end; the message holds the end of the log of what failed."""


class FullPath:
    """A broker and a centre, for all scenarios of an evaluation; a context manager. Threads may share it.

    Args:
        directory: Where configuration, logs and the centre's data are kept; a new folder for each centre.
        model: What the nodes look with: a name of the catalogue, or the path of a card.

    Raises (on entering):
        FileExistsError: Another centre's runs are kept in ``directory``.
        BrokerError, ProgramEndedError, RunFailedError: Broker or centre do not come up.
    """

    def __init__(self, directory: Path, *, model: str = "kerbwatch-nano") -> None:
        self._directory = directory.resolve()
        self._model = model
        self._stack = ExitStack()
        self._cells: dict[str, int] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            (self._directory / "runs").mkdir(parents=True)
            self._broker: Broker = start_broker(self._directory / "broker")
            starting.callback(self._broker.stop)
            household = starting.enter_context(Household())
            self._centre = self._start_centre(household)
            self._database = Database(f"sqlite:///{self._directory / 'centre-data' / 'centre.db'}")
            starting.callback(self._database.close)
            self._stack = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def run(self, truth: Truth, folder: Path, key: str) -> Report:
        """Play a scenario to its end and say what the centre made of it.

        Each node of the scenario is a process of its own, all at the same time. Permitted hours are not part of it,
        see :func:`scenarios.running.node_file.node_toml`.

        Args:
            truth: The scenario's truth.
            folder: Where its videos lie.
            key: The name of this run, used once: its site at the centre, and its folder.

        Raises:
            RunFailedError: A node or the centre takes too long.
            ProgramEndedError, BrokerError: A program ended; the message holds the end of its log, or names it.
            ValueError: ``key`` is no name or was used before, or a camera has no video.
        """
        began = time.monotonic()
        nodes = self._write(truth, folder, key)
        limit_s = LIMIT_BASE_S + LIMIT_PER_LOOK_S * len(truth.cameras) * truth.duration_s / truth.look_interval_s
        with Household() as household:
            programs = [self._start_node(household, key, name, config, limit_s) for name, config in nodes.items()]
            self._wait(lambda: self._ended(programs), limit_s, f"nodes of {key!r} did not finish", programs)
        self._wait(lambda: self._said_goodbye(key, set(nodes)), CENTRE_LIMIT_S, f"last word of {key!r} is missing")
        report = read_report(self._database, key, truth.starts_at)
        for config in nodes.values():
            shutil.rmtree(config.parent / "data")
        return report.model_copy(update={"wall_s": round(time.monotonic() - began, 3)})

    def alive(self) -> bool:
        """Whether broker and centre still run; a dead one's runs need a new ``FullPath``."""
        try:
            self._broker.require_alive()
        except BrokerError:
            return False
        return self._centre.exit_code is None

    # -- starting ---------------------------------------------------------------------------------

    def _start_centre(self, household: Household) -> Program:
        port = free_port()
        config = self._directory / "central.toml"
        config.write_text(
            f'[centre]\ndata_dir = "centre-data"\n\n[mqtt]\nhost = "127.0.0.1"\nport = {self._broker.port}\n\n'
            f'[http]\nhost = "127.0.0.1"\nport = {port}\nconsole = false\n',
            encoding="utf-8",
        )
        centre = household.start("centre", self._directory / "central.log", "central", "--config", str(config))
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5.0, trust_env=False) as client:

            def healthy() -> bool:
                centre.require_healthy()
                try:
                    return client.get("/healthz").status_code == httpx.codes.OK
                except httpx.TransportError:
                    return False

            _wait_until(healthy, CENTRE_START_S, lambda: f"the centre is not healthy\n{centre.tail()}")
        return centre

    def _write(self, truth: Truth, folder: Path, key: str) -> dict[str, Path]:
        """A folder with a configuration for each node; node name -> file."""
        moved = moved_deg(truth, self._new_cell(key))
        files = {}
        for name in sorted({*cameras_by_node(truth), *sensors_by_node(truth)}):
            place = self._directory / "runs" / key / name
            place.mkdir(parents=True)
            files[name] = place / "node.toml"
            text = node_toml(
                truth,
                name,
                folder,
                site=key,
                broker_port=self._broker.port,
                model=self._model,
                moved_deg=moved,
            )
            files[name].write_text(text, encoding="utf-8")
        return files

    def _new_cell(self, key: str) -> int:
        _NAME.validate_python(key)
        with self._lock:
            if key in self._cells:
                raise ValueError(f"key {key!r} was used before; give every run a name of its own")
            if len(self._cells) >= _CELLS:
                raise ValueError(f"{_CELLS} runs are the most for one centre; begin a new FullPath")
            self._cells[key] = len(self._cells)
            return self._cells[key]

    def _start_node(self, household: Household, key: str, name: str, config: Path, limit_s: float) -> Program:
        options = (
            "--config",
            str(config),
            "--exit-at-end",
            "--deadline",
            f"{max(1.0, limit_s):.0f}",
            "--json-logs",
        )
        return household.start(f"node {name} of {key}", config.with_name("node.log"), "edge", *options)

    # -- waiting ----------------------------------------------------------------------------------

    def _ended(self, programs: list[Program]) -> bool:
        """Whether all nodes ended; each ends only when the centre has every event of it."""
        for program in programs:
            program.require_healthy(may_end=True)
        self._require_stage()
        return all(program.exit_code == 0 for program in programs)

    def _said_goodbye(self, site: str, nodes: set[str]) -> bool:
        """Whether the centre has the nodes' last status, sent behind their last event."""
        self._require_stage()
        query = select(NodeRow.node).where(NodeRow.site == site, NodeRow.state == "offline")
        with self._database.read() as session:
            return set(session.scalars(query)) >= nodes

    def _require_stage(self) -> None:
        self._centre.require_healthy()
        self._broker.require_alive()

    def _wait(
        self, condition: Callable[[], bool], limit_s: float, what: str, programs: list[Program] | None = None
    ) -> None:
        def complaint() -> str:
            logs = [program.tail(1500) for program in programs or [self._centre] if program.exit_code is None]
            return "\n".join([what, *logs])

        _wait_until(condition, limit_s, complaint)


def moved_deg(truth: Truth, cell: int) -> float:
    """By how much a scenario is moved east or west to lie in a cell of its own.

    Latitudes stay: metres per degree of longitude hang on them.
    """
    points = [point for camera in truth.cameras for point in camera.ground_points]
    return _WEST_DEG + cell * CELL_DEG - points[0][3] if points else 0.0


def _wait_until(condition: Callable[[], bool], limit_s: float, complaint: Callable[[], str]) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise RunFailedError(f"after {limit_s:.0f} s: {complaint()}")
        time.sleep(POLL_S)
