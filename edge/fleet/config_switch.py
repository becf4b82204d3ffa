"""Carries out changes of configuration (thin shell over :mod:`edge.fleet.config_state`)."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from edge.config import NodeConfig
from edge.fleet.config_state import ConfigState, Version
from edge.fleet.host import Failpoint, Host, no_failpoint
from edge.fleet.overlay import OverlayRefused, effective
from edge.fleet.probation import Verdict, judge_probation, looking
from edge.fleet.store import FleetStore
from ingest.clock import Clock
from ingest.fleet import ConfigDesired

log = structlog.get_logger(__name__)

NAME = "config"


def config_at_start(file: NodeConfig, store: FleetStore) -> NodeConfig:
    """What a starting node is to run: its file with the good overlay, or with the one on probation.

    Every step back is written before it is taken.
    """
    before = store.load(NAME, ConfigState)
    state = before.started()
    if state != before:
        store.save(NAME, state)
    if state.trial is not None:
        try:
            return effective(file, state.trial.version.document)
        except OverlayRefused as refused:
            state = state.fail("does_not_fit_the_file", refused.problems)
            store.save(NAME, state)
    try:
        return effective(file, state.good.document)
    except OverlayRefused as refused:
        store.save(NAME, state.fall_back(refused.problems))
        log.error("fleet.config_does_not_fit_the_file", problems=refused.problems)
        return file


class ConfigSwitch:
    """Changes the running configuration. Called by one thread.

    Args:
        host: The node.
        file: Its own file, which every desired configuration is laid over.
        store: Where the state is kept.
        clock: Measures probation.
        changed: Called whenever there is something new to report.
        failpoint: Called with the name of each step once it is durable; tests cut the power there.
    """

    def __init__(
        self,
        host: Host,
        file: NodeConfig,
        store: FleetStore,
        clock: Clock,
        *,
        changed: Callable[[], None],
        failpoint: Failpoint = no_failpoint,
    ) -> None:
        self._host = host
        self._file = file
        self._store = store
        self._clock = clock
        self._changed = changed
        self._failpoint = failpoint
        self._state = store.load(NAME, ConfigState)
        self._until_s = clock.monotonic() + file.fleet.probation_s

    @property
    def state(self) -> ConfigState:
        """As it is kept."""
        return self._state

    def desire(self, order: ConfigDesired) -> None:
        """A desired configuration came; one that is not new changes nothing."""
        if not self._state.wants(order.revision):
            return
        self._failpoint("config_received")
        version = Version(revision=order.revision, document=order.document)
        try:
            config = effective(self._file, version.document)
        except OverlayRefused as refused:
            log.warning("fleet.config_refused", revision=order.revision, reason=refused.reason)
            self._keep(self._state.refuse(order.revision, refused.reason, refused.problems))
            return
        intervals = {camera.name: camera.look_interval_s for camera in self._host.config.cameras}
        looked = looking(self._host.camera_statuses(), intervals, self._clock.now())
        self._keep(self._state.begin(version, looked))
        self._failpoint("config_trial_kept")
        log.info("fleet.config_probation", revision=order.revision, cameras=looked, by=order.issued_by)
        self._run(config)
        self._until_s = self._clock.monotonic() + self._file.fleet.probation_s
        self._failpoint("config_switched")

    def step(self) -> None:
        """Judge a probation."""
        trial = self._state.trial
        if trial is None:
            return
        judgement = judge_probation(
            trial.looked,
            self._host.camera_statuses(),
            most_failed=self._file.fleet.probation_looks,
            over=self._clock.monotonic() >= self._until_s,
        )
        if judgement.verdict is Verdict.HEALTHY:
            self._failpoint("config_healthy")
            self._keep(self._state.succeed())
            self._failpoint("config_good_kept")
            log.info("fleet.config_applied", revision=trial.version.revision)
        elif judgement.verdict is Verdict.FAILED:
            self._roll_back(judgement.reason, judgement.problems)

    def _roll_back(self, reason: str, problems: tuple[str, ...]) -> None:
        self._failpoint("config_failed")
        self._keep(self._state.fail(reason, problems))
        self._failpoint("config_rollback_kept")
        log.error("fleet.config_rolled_back", reason=reason, problems=problems)
        try:
            good = effective(self._file, self._state.good.document)
        except OverlayRefused as refused:
            # It was right when it was applied, so the file has changed under the running node.
            self._keep(self._state.fall_back(refused.problems))
            good = self._file
        self._host.reconfigure(good)
        self._failpoint("config_rolled_back")

    def _run(self, config: NodeConfig) -> None:
        try:
            self._host.reconfigure(config)
        except Exception as error:  # noqa: BLE001 - the reason is reported, and the good one runs again
            self._roll_back("does_not_start", (f"{type(error).__name__}: {error}"[:500],))

    def _keep(self, state: ConfigState) -> None:
        self._store.save(NAME, state)
        self._state = state
        self._changed()
