"""Carries out the roll-out of models (thin shell over :mod:`edge.fleet.model_state` and :mod:`edge.fleet.canary`)."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import structlog

from detectors.types import Detector, DetectorError
from edge.config import NodeConfig
from edge.fleet.canary import CanaryDetector
from edge.fleet.host import Failpoint, Host, no_failpoint
from edge.fleet.model_state import ModelState, ModelVersion
from edge.fleet.model_store import Download, FetchRefused, ModelStore
from edge.fleet.probation import Judgement, Verdict, judge_probation, looking
from edge.fleet.store import FleetStore
from ingest.cameras.backoff import Backoff
from ingest.clock import Clock
from ingest.fleet import CanaryFigures, ModelDesired, ModelReported
from models.catalogue import ResolvedModel
from models.errors import ModelError

log = structlog.get_logger(__name__)

NAME = "model"
OpenModel = Callable[[ResolvedModel], Detector]


def open_at_start(
    store: FleetStore, models: ModelStore, open_model: OpenModel, open_file: Callable[[], Detector]
) -> Detector:
    """What a starting node looks with: the model on probation, the good one, or that of its file.

    Raises:
        DetectorError, ModelError: That of its file cannot be opened either.
    """
    state = store.load(NAME, ModelState)
    started = state.started()
    if started != state:
        store.save(NAME, started)
    return open_running(store, models, open_model, open_file)


def open_running(
    store: FleetStore, models: ModelStore, open_model: OpenModel, open_file: Callable[[], Detector]
) -> Detector:
    """What the kept state says is to count; every step back is written before it is taken."""
    while True:
        state = store.load(NAME, ModelState)
        running = state.running
        if running.card_sha256 is None or running.weights_sha256 is None:
            return open_file()
        try:
            return open_model(models.resolve(running.card_sha256, running.weights_sha256))
        except (ModelError, DetectorError) as error:
            log.error("fleet.model_does_not_open", revision=running.revision, error=str(error)[:300])
            back = (
                state.lose_good(str(error)) if running == state.good else state.fail("does_not_open", str(error))
            )
            store.save(NAME, back)


class Rollout:
    """Changes the running model. Called by one thread.

    Args:
        host: The node.
        detector: What it looks with.
        store: Where the state is kept.
        models: Where files are kept.
        download: How bytes come from the centre.
        open_model: Opens a model, after a trial on the test picture.
        open_file: Opens the model of the node's file.
        clock: Measures probation and pauses.
        rng: Spreads the fleet's fetching.
        changed: Called whenever there is something new to report.
        failpoint: Called with the name of each step once it is durable.
    """

    def __init__(
        self,
        host: Host,
        detector: CanaryDetector,
        store: FleetStore,
        models: ModelStore,
        *,
        file: NodeConfig,
        download: Download,
        open_model: OpenModel,
        open_file: Callable[[], Detector],
        clock: Clock,
        rng: Random,
        changed: Callable[[], None],
        failpoint: Failpoint = no_failpoint,
    ) -> None:
        self._host = host
        self._detector = detector
        self._store = store
        self._models = models
        self._fleet = file.fleet
        self._download = download
        self._open_model = open_model
        self._open_file = open_file
        self._clock = clock
        self._changed = changed
        self._failpoint = failpoint
        self._state = store.load(NAME, ModelState)
        self._backoff = Backoff(first_s=5.0, most_s=900.0, rng=rng)
        self._fetch_at_s = clock.monotonic()
        self._until_s = clock.monotonic() + self._fleet.probation_s
        self._candidate: Detector | None = None
        self._figures: CanaryFigures | None = None

    @property
    def state(self) -> ModelState:
        """As it is kept."""
        return self._state

    def report(self) -> ModelReported:
        """For the centre."""
        told = self._state.told
        return ModelReported(
            revision=told.revision,
            state=told.state,
            running_sha256=self._detector.card.sha256,
            reason_code=told.reason[:64],
            detail=told.detail,
            figures=self._figures,
        )

    def desire(self, order: ModelDesired) -> None:
        """A desired model came; one that is not new changes nothing."""
        if order.revision <= self._state.seen:
            return
        self._failpoint("model_received")
        self._drop_candidate()
        if self._state.trial is not None and self._state.trial.phase == "probation":
            self._restore("superseded", f"revision {order.revision} came")
        self._figures = None
        if order.card_sha256 is None or order.weights_sha256 is None:
            self._return_to_file(order.revision)
            return
        self._backoff.succeeded()
        self._fetch_at_s = self._clock.monotonic()
        self._keep(self._state.begin(ModelVersion.of(order), order.canary))
        self._failpoint("model_trial_kept")

    def step(self) -> None:
        """Take the roll-out in hand one step further."""
        trial = self._state.trial
        if trial is None:
            return
        if trial.phase == "fetching" and self._clock.monotonic() >= self._fetch_at_s:
            self._fetch(trial.version)
        elif trial.phase == "canary":
            self._watch_canary()
        elif trial.phase == "probation":
            self._watch_probation()

    def stop(self) -> None:
        """Free the candidate."""
        self._drop_candidate()

    # -- fetching ---------------------------------------------------------------------------------

    def _fetch(self, version: ModelVersion) -> None:
        assert version.card_sha256 is not None
        assert version.weights_sha256 is not None
        try:
            self._models.fetch(version.card_sha256, version.card_bytes, "toml", self._download)
            self._failpoint("model_card_fetched")
            self._models.fetch(version.weights_sha256, version.weights_bytes, "onnx", self._download)
            self._failpoint("model_weights_fetched")
        except FetchRefused as refused:
            if not refused.passing:
                self._refuse(version, refused.reason, refused.detail)
                return
            pause_s = self._backoff.failed()
            self._fetch_at_s = self._clock.monotonic() + pause_s
            log.warning("fleet.model_fetch_delayed", reason=refused.reason, pause_s=round(pause_s, 1))
            self._keep(self._state.delayed(refused.reason, refused.detail))
            return
        if self._open_candidate(version):
            self._keep(self._state.canary())
            self._failpoint("model_canary_kept")

    def _open_candidate(self, version: ModelVersion) -> bool:
        assert version.card_sha256 is not None
        assert version.weights_sha256 is not None
        try:
            self._candidate = self._open_model(self._models.resolve(version.card_sha256, version.weights_sha256))
        except (ModelError, DetectorError) as error:
            self._refuse(version, "does_not_open", str(error))
            return False
        trial = self._state.trial
        assert trial is not None
        self._detector.begin_canary(self._candidate, trial.bounds)
        return True

    def _refuse(self, version: ModelVersion, reason: str, detail: str) -> None:
        log.error("fleet.model_refused", revision=version.revision, reason=reason, detail=detail[:300])
        self._keep(self._state.refuse(version.revision, reason, detail))
        self._tidy()

    # -- canary and probation ---------------------------------------------------------------------

    def _watch_canary(self) -> None:
        trial = self._state.trial
        assert trial is not None
        if self._candidate is None:
            # The program was started anew in the middle: the comparison begins again.
            self._open_candidate(trial.version)
            return
        verdict, self._figures = self._detector.canary()
        if verdict is None:
            return
        if verdict != "passed":
            self._drop_candidate()
            self._fail(verdict, f"{self._figures.model_dump(mode='json')}")
            return
        self._detector.end_canary()
        self._failpoint("model_canary_passed")
        self._promote(self._candidate)

    def _promote(self, candidate: Detector) -> None:
        intervals = {camera.name: camera.look_interval_s for camera in self._host.config.cameras}
        looked = looking(self._host.camera_statuses(), intervals, self._clock.now())
        self._keep(self._state.probation(looked))
        self._failpoint("model_probation_kept")
        self._candidate = None
        self._switch(candidate)
        self._failpoint("model_switched")

    def _watch_probation(self) -> None:
        trial = self._state.trial
        assert trial is not None
        judgement: Judgement = judge_probation(
            trial.looked,
            self._host.camera_statuses(),
            most_failed=self._fleet.probation_looks,
            over=self._clock.monotonic() >= self._until_s,
        )
        if judgement.verdict is Verdict.HEALTHY:
            self._keep(self._state.succeed())
            self._failpoint("model_good_kept")
            log.info("fleet.model_applied", revision=trial.version.revision)
            self._tidy()
        elif judgement.verdict is Verdict.FAILED:
            self._restore(judgement.reason, "; ".join(judgement.problems))

    def _restore(self, reason: str, detail: str) -> None:
        """The one before counts again."""
        self._fail(reason, detail)
        self._failpoint("model_rollback_kept")
        good = open_running(self._store, self._models, self._open_model, self._open_file)
        self._state = self._store.load(NAME, ModelState)
        self._switch(good)
        self._failpoint("model_rolled_back")

    def _return_to_file(self, revision: int) -> None:
        was_file = self._state.good.card_sha256 is None
        self._keep(self._state.back_to_file(revision))
        self._failpoint("model_file_kept")
        if not was_file:
            self._switch(self._open_file())
        self._tidy()

    def _switch(self, detector: Detector) -> None:
        self._host.reconfigure(self._host.config, detector)
        self._until_s = self._clock.monotonic() + self._fleet.probation_s

    def _fail(self, reason: str, detail: str) -> None:
        log.error("fleet.model_rolled_back", reason=reason, detail=detail[:300])
        self._keep(self._state.fail(reason, detail))

    def _drop_candidate(self) -> None:
        self._detector.end_canary()
        if self._candidate is not None:
            self._candidate.close()
            self._candidate = None

    def _tidy(self) -> None:
        self._models.keep_only(self._state.files())

    def _keep(self, state: ModelState) -> None:
        self._store.save(NAME, state)
        self._state = state
        self._changed()
