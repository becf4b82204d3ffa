"""Which model a node runs and which one it tries: pure decisions (模型下发).

    good A ──desired B──▶ fetching ──▶ canary (B looks along, A counts) ──▶ probation (B counts) ──▶ good B
                             │                    │                              │
                             ▼                    ▼                              ▼
                      good A, B refused     good A, B rolled back with a reason code

Each arrow is one transaction; a power cut finds the node before or after it and it goes on from there.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from edge.fleet.probation import MOST_STARTS
from ingest.fleet import CanaryBounds, ModelDesired

ReportState = Literal["none", "fetching", "canary", "applied", "refused", "rolled_back"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class ModelVersion(_Record):
    """A desired model; without hashes the model of the node's file."""

    revision: int = 0
    card_sha256: str | None = None
    card_bytes: int = 0
    weights_sha256: str | None = None
    weights_bytes: int = 0

    @classmethod
    def of(cls, order: ModelDesired) -> ModelVersion:
        """What an order names."""
        return cls(
            revision=order.revision,
            card_sha256=order.card_sha256,
            card_bytes=order.card_bytes,
            weights_sha256=order.weights_sha256,
            weights_bytes=order.weights_bytes,
        )

    def files(self) -> set[str]:
        """The hashes it needs on the disk."""
        return {sha256 for sha256 in (self.card_sha256, self.weights_sha256) if sha256 is not None}


class ModelTrial(_Record):
    """A model on its way; ``starts`` counts starts of the program since it first ran here."""

    version: ModelVersion
    bounds: CanaryBounds = CanaryBounds()
    phase: Literal["fetching", "canary", "probation"] = "fetching"
    looked: tuple[str, ...] = ()
    starts: int = 1


class ModelTold(_Record):
    """What the node said last."""

    revision: int = 0
    state: ReportState = "none"
    reason: str = ""
    detail: str = ""


class ModelState(_Record):
    """``seen`` is the newest revision acted on."""

    good: ModelVersion = ModelVersion()
    trial: ModelTrial | None = None
    seen: int = 0
    told: ModelTold = ModelTold()

    @property
    def running(self) -> ModelVersion:
        """What counts: a trial only once it has passed its canary."""
        on_probation = self.trial is not None and self.trial.phase == "probation"
        return self.trial.version if self.trial is not None and on_probation else self.good

    def begin(self, version: ModelVersion, bounds: CanaryBounds) -> ModelState:
        """A desired model is to be fetched; what was tried before gives way."""
        told = ModelTold(revision=version.revision, state="fetching")
        trial = ModelTrial(version=version, bounds=bounds)
        return self.model_copy(update={"trial": trial, "seen": version.revision, "told": told})

    def back_to_file(self, revision: int) -> ModelState:
        """The model of the node's file counts again, at once: it needs no canary, it was there first."""
        good = ModelVersion(revision=revision)
        told = ModelTold(revision=revision, state="applied")
        return self.model_copy(update={"good": good, "trial": None, "seen": revision, "told": told})

    def refuse(self, revision: int, reason: str, detail: str) -> ModelState:
        """It was never run."""
        told = ModelTold(revision=revision, state="refused", reason=reason, detail=detail[:500])
        return self.model_copy(update={"trial": None, "seen": max(self.seen, revision), "told": told})

    def delayed(self, reason: str, detail: str) -> ModelState:
        """Fetching goes on later."""
        told = ModelTold(revision=self.seen, state="fetching", reason=reason, detail=detail[:500])
        return self.model_copy(update={"told": told})

    def canary(self) -> ModelState:
        """Its files are there and it opens: it looks along."""
        return self._in_phase("canary")

    def probation(self, looked: tuple[str, ...]) -> ModelState:
        """It has passed its canary and counts."""
        return self._in_phase("probation", looked)

    def succeed(self) -> ModelState:
        """It is the good one."""
        if self.trial is None:
            return self
        told = ModelTold(revision=self.trial.version.revision, state="applied")
        return self.model_copy(update={"good": self.trial.version, "trial": None, "told": told})

    def fail(self, reason: str, detail: str) -> ModelState:
        """Back to the good one."""
        if self.trial is None:
            return self
        told = ModelTold(
            revision=self.trial.version.revision, state="rolled_back", reason=reason, detail=detail[:500]
        )
        return self.model_copy(update={"trial": None, "told": told})

    def started(self) -> ModelState:
        """The program starts. A model that was running and ended it too often is held to be what ends it."""
        if self.trial is None or self.trial.phase == "fetching":
            return self
        if self.trial.starts >= MOST_STARTS:
            return self.fail("interrupted", f"the program ended {self.trial.starts} times while it was tried")
        trial = self.trial.model_copy(update={"starts": self.trial.starts + 1})
        return self.model_copy(update={"trial": trial})

    def lose_good(self, detail: str) -> ModelState:
        """The good one cannot be opened any more: the model of the node's file counts."""
        told = ModelTold(
            revision=self.good.revision, state="rolled_back", reason="does_not_open", detail=detail[:500]
        )
        return self.model_copy(update={"good": ModelVersion(), "trial": None, "told": told})

    def files(self) -> set[str]:
        """The hashes that must stay on the disk."""
        return self.good.files() | (self.trial.version.files() if self.trial else set())

    def _in_phase(self, phase: Literal["canary", "probation"], looked: tuple[str, ...] = ()) -> ModelState:
        if self.trial is None:
            return self
        trial = self.trial.model_copy(update={"phase": phase, "looked": looked})
        told = ModelTold(revision=self.trial.version.revision, state="canary")
        return self.model_copy(update={"trial": trial, "told": told})
