"""Puts a node's fleet management together; what :class:`edge.node.EdgeNode` needs of it, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from detectors.runtime import open_detector
from detectors.types import Detector
from edge.config import NodeConfig
from edge.database import Database
from edge.fleet.canary import CanaryDetector
from edge.fleet.clock import NodeClock
from edge.fleet.commands import Commands
from edge.fleet.config_switch import ConfigSwitch, config_at_start
from edge.fleet.host import Failpoint, Host, no_failpoint
from edge.fleet.manager import FleetManager, Parts
from edge.fleet.model_fetch import centre_download
from edge.fleet.model_store import Download, ModelStore
from edge.fleet.no_model import NoModel
from edge.fleet.rollout import OpenModel, Rollout, open_at_start, open_running
from edge.fleet.store import FleetStore
from edge.fleet.trial import open_tried
from edge.link import Link
from edge.pictures import PictureStore
from edge.spool import Spool
from ingest.clock import Clock
from ingest.log_ring import LogRing
from ingest.messages import source_of
from models.catalogue import ResolvedModel

MODELS_FOLDER = "models"


@dataclass(frozen=True)
class FleetOptions:
    """What tests change; the defaults are for the street."""

    failpoint: Failpoint = no_failpoint
    log_ring: LogRing | None = None
    open_model: OpenModel | None = None
    open_file: Callable[[NodeConfig], Detector] | None = None
    download: Download | None = None


@dataclass(frozen=True)
class Neighbours:
    """The parts of the node that fleet management works with."""

    database: Database
    spool: Spool
    pictures: PictureStore
    link: Link
    key: Ed25519PrivateKey
    clock: Clock
    rng: Random


class Fleet:
    """What a node runs when it starts, and who looks after it from then on.

    Args:
        file: The node's own file.
        database: Where state is kept.
        options: Deviations from the defaults.
    """

    def __init__(self, file: NodeConfig, database: Database, options: FleetOptions) -> None:
        self._file = file
        self._options = options
        self._store = FleetStore(database)
        self._models = ModelStore(file.node.data_dir / MODELS_FOLDER)
        self.config = config_at_start(file, self._store)
        """The effective configuration to start with."""

    def open_detector(self, config: NodeConfig, *, starting: bool = False) -> Detector:
        """What ``config`` looks with: a model of the centre that counts, or that of the node's file; none is
        opened where there are no cameras.

        ``starting``: the program starts, which counts for a model on probation. Raises DetectorError, ModelError.
        """
        if not config.cameras:
            return NoModel(config.model().card)
        how = open_at_start if starting else open_running
        return how(self._store, self._models, self._open_model(config), partial(self._open_file, config))

    def manager(self, host: Host, detector: CanaryDetector, others: Neighbours) -> FleetManager:
        """The thread that takes orders."""
        node_clock = others.clock if isinstance(others.clock, NodeClock) else None
        section = self._file.node
        source = source_of(section.site, section.name)

        def parts(changed: Callable[[], None]) -> Parts:
            failpoint = self._options.failpoint
            return Parts(
                switch=ConfigSwitch(
                    host, self._file, self._store, others.clock, changed=changed, failpoint=failpoint
                ),
                rollout=Rollout(
                    host,
                    detector,
                    self._store,
                    self._models,
                    file=self._file,
                    download=self._options.download or centre_download(self._file.centre),
                    open_model=partial(self._open_with, host),
                    open_file=lambda: self._open_file(host.config),
                    clock=others.clock,
                    rng=others.rng,
                    changed=changed,
                    failpoint=failpoint,
                ),
                commands=Commands(
                    host,
                    self._store,
                    spool=others.spool,
                    pictures=others.pictures,
                    database=others.database,
                    log_ring=self._options.log_ring,
                    clock=others.clock,
                    trusted=lambda: node_clock is None or node_clock.trusted,
                    source=source,
                    failpoint=failpoint,
                ),
            )

        return FleetManager(
            site=section.site,
            node=section.name,
            section=self._file.fleet,
            key=others.key,
            link=others.link,
            clock=others.clock,
            node_clock=node_clock,
            parts=parts,
        )

    def _open_with(self, host: Host, model: ResolvedModel) -> Detector:
        return self._open_model(host.config)(model)

    def _open_model(self, config: NodeConfig) -> OpenModel:
        threads = config.detector.threads if config.detector is not None else 1
        return self._options.open_model or partial(open_tried, threads=threads)

    def _open_file(self, config: NodeConfig) -> Detector:
        if self._options.open_file is not None:
            return self._options.open_file(config)
        section = config.detector
        if section is None:
            return open_detector(config.model())
        return open_detector(config.model(), backend=section.backend, threads=section.threads)
