"""Which configuration a node runs, which one it tries, and what it said about the last: pure decisions (配置切换).

A desired configuration goes through *probation*: it runs, and what ran before is kept. The state is one record,
replaced as a whole in one transaction, so that a power cut finds the node either before or after each step:

    good A ──desired B──▶ good A, trial B ──cameras look again──▶ good B
                               │ they do not, it ends the program MOST_STARTS times, it no longer fits the file
                               ▼
                          good A, B refused with a reason
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from edge.fleet.probation import MOST_STARTS
from ingest.fleet import ConfigReported


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Version(_Record):
    """A desired configuration; revision 0 is the node's file alone."""

    revision: int = 0
    document: dict[str, Any] = {}


class Trial(_Record):
    """A version on probation: which cameras looked before, and how often the program started with it."""

    version: Version
    looked: tuple[str, ...] = ()
    starts: int = 1


class Told(_Record):
    """What the node said last about the newest desired configuration."""

    revision: int = 0
    state: Literal["none", "probation", "applied", "refused", "rolled_back"] = "none"
    reason: str = ""
    problems: tuple[str, ...] = ()


class ConfigState(_Record):
    """``seen`` is the newest revision acted on: an older one is never obeyed again, whoever sends it."""

    good: Version = Version()
    trial: Trial | None = None
    seen: int = 0
    told: Told = Told()

    @property
    def running(self) -> Version:
        """What is to run."""
        return self.good if self.trial is None else self.trial.version

    def wants(self, revision: int) -> bool:
        """Whether a desired revision is new."""
        return revision > self.seen

    def begin(self, version: Version, looked: tuple[str, ...]) -> ConfigState:
        """A version that was checked goes on probation. One that is still there gives way: it never was good.

        Cameras that looked before that one count as well: if it broke them, the new one has to mend them.
        """
        earlier = self.trial.looked if self.trial is not None else ()
        looked = tuple(dict.fromkeys((*earlier, *looked)))
        return self.model_copy(
            update={
                "trial": Trial(version=version, looked=looked),
                "seen": version.revision,
                "told": Told(revision=version.revision, state="probation"),
            }
        )

    def refuse(self, revision: int, reason: str, problems: tuple[str, ...] = ()) -> ConfigState:
        """A revision that cannot be right is never run."""
        told = Told(revision=revision, state="refused", reason=reason, problems=problems)
        return self.model_copy(update={"seen": max(self.seen, revision), "told": told})

    def succeed(self) -> ConfigState:
        """The trial is the good one from now on."""
        if self.trial is None:
            return self
        version = self.trial.version
        told = Told(revision=version.revision, state="applied")
        return self.model_copy(update={"good": version, "trial": None, "told": told})

    def fail(self, reason: str, problems: tuple[str, ...] = ()) -> ConfigState:
        """Back to the good one."""
        if self.trial is None:
            return self
        told = Told(revision=self.trial.version.revision, state="rolled_back", reason=reason, problems=problems)
        return self.model_copy(update={"trial": None, "told": told})

    def started(self) -> ConfigState:
        """The program starts: a trial that ended it too often is over."""
        if self.trial is None:
            return self
        if self.trial.starts >= MOST_STARTS:
            return self.fail("interrupted", (f"the program ended {self.trial.starts} times while it was tried",))
        trial = self.trial.model_copy(update={"starts": self.trial.starts + 1})
        return self.model_copy(update={"trial": trial})

    def fall_back(self, problems: tuple[str, ...]) -> ConfigState:
        """The good one no longer fits the node's file, which somebody changed: the file alone counts."""
        told = Told(
            revision=self.good.revision, state="rolled_back", reason="does_not_fit_the_file", problems=problems
        )
        return self.model_copy(update={"good": Version(), "trial": None, "told": told})

    def report(self) -> ConfigReported:
        """For the centre."""
        return ConfigReported(
            revision=self.told.revision,
            state=self.told.state,
            running_revision=self.running.revision,
            reason_code=self.told.reason[:64],
            problems=tuple(problem[:500] for problem in self.told.problems[:16]),
        )
