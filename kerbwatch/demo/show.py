"""Running the demo: live for a visitor, or once at full speed for a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live

from kerbwatch.demo.centre_client import CentreClient, CentreSilentError
from kerbwatch.demo.plan import START_AT, DemoPlan, make_clips, write_plan
from kerbwatch.demo.screen import comparison, progress
from kerbwatch.demo.verdict import Verdict, judge
from scenarios.stack.broker import Broker, free_port, start_broker
from scenarios.stack.processes import Household, Program

HTTP_PORT = 8080
CENTRE_START_S = 60.0
ONCE_LIMIT_S = 300.0
REFRESH_S = 0.5


class DemoError(Exception):
    """The demo could not be run to its end."""


def run_live(seed: int, directory: Path, console: Console) -> None:
    """Play the clips in real time until interrupted."""
    start_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with _stage(seed, directory, console, port=HTTP_PORT, start_at=start_at, pace="realtime") as stage:
        nodes = _start_nodes(stage)
        console.print(f"Open [bold cyan]{stage.plan.url}[/] in a browser. Everything is in {directory}")
        _watch(stage, nodes, console)


def run_once(seed: int, directory: Path, console: Console) -> Verdict:
    """Play the clips at full speed on media time and compare the cases with the truth.

    Raises:
        DemoError: The nodes did not finish.
        ProgramEndedError, CentreSilentError: A program failed.
    """
    with _stage(seed, directory, console, port=0, start_at=START_AT, pace="fast") as stage:
        nodes = _start_nodes(stage, "--exit-at-end")
        with console.status(f"Seed {seed}: two nodes look at their clips at full speed ..."):
            _wait(lambda: _all_ended(stage.centre, nodes), ONCE_LIMIT_S, "the nodes did not finish")
        verdict = judge(stage.plan.problems, [case.found for case in stage.client.cases()])
    console.print(comparison(seed, verdict))
    return verdict


@dataclass(frozen=True)
class _Stage:
    """What runs before the nodes do."""

    plan: DemoPlan
    broker: Broker
    centre: Program
    client: CentreClient
    household: Household


@contextmanager
def _stage(
    seed: int, directory: Path, console: Console, *, port: int, start_at: str, pace: str
) -> Iterator[_Stage]:
    """Clips, broker and a healthy centre. Everything ends with the block, the broker last: nodes say goodbye."""
    with ExitStack() as stack:
        with console.status(f"Seed {seed}: rendering two street clips ..."):
            clips = make_clips(seed, directory)
        broker = start_broker(directory / "broker")
        stack.callback(broker.stop)
        household = stack.enter_context(Household())
        plan = write_plan(
            directory,
            clips,
            broker_port=broker.port,
            http_port=free_port(port),
            start_at=start_at,
            pace=pace,
        )
        log = directory / "central.log"
        centre = household.start("centre", log, "central", "--config", str(plan.central_config))
        client = stack.enter_context(closing(CentreClient(plan.url)))

        def up() -> bool:
            centre.require_healthy()
            return client.healthy()

        with console.status(f"Starting broker ({broker.name}) and centre ..."):
            _wait(up, CENTRE_START_S, "the centre does not become healthy")
        yield _Stage(plan, broker, centre, client, household)


def _start_nodes(stage: _Stage, *options: str) -> list[Program]:
    return [
        stage.household.start(
            node.name, stage.plan.directory / f"{node.name}.log", "edge", "--config", str(node.config), *options
        )
        for node in stage.plan.nodes
    ]


def _all_ended(centre: Program, nodes: list[Program]) -> bool:
    centre.require_healthy()
    for node in nodes:
        node.require_healthy(may_end=True)
    return all(node.exit_code == 0 for node in nodes)


def _watch(stage: _Stage, nodes: list[Program], console: Console) -> None:
    with Live(console=console, refresh_per_second=4) as live:
        while True:
            for program in (stage.centre, *nodes):
                program.require_healthy()
            try:
                seen, cases = stage.client.nodes(), stage.client.cases()
                live.update(progress(stage.plan.url, stage.broker.name, seen, cases))
            except CentreSilentError as error:
                live.update(f"The centre does not answer: {error}")
            time.sleep(REFRESH_S)


def _wait(condition: Callable[[], bool], limit_s: float, complaint: str) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            raise DemoError(
                f"{complaint} within {limit_s:.0f} s; see the logs in the demo's folder (--dir keeps it)"
            )
        time.sleep(REFRESH_S)
