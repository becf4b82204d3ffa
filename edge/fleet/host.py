"""What fleet management needs of the node; :class:`edge.node.EdgeNode` is the real one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from detectors.types import Detector
from edge.config import NodeConfig
from edge.errands import Errand
from ingest.messages import CameraStatus

Failpoint = Callable[[str], None]
"""Called with the name of a step; tests end the program there."""


def no_failpoint(_name: str) -> None:
    """In real use nothing happens between two steps."""


class Host(Protocol):
    """A node whose cameras can be started anew under another configuration or model."""

    @property
    def config(self) -> NodeConfig:
        """What runs."""
        ...

    def camera_statuses(self) -> Sequence[CameraStatus]:
        """How the cameras do, counted since they were started."""
        ...

    def reconfigure(self, config: NodeConfig, detector: Detector | None = None) -> None:
        """Stop the cameras (each writes its checkpoint) and start those of ``config``; ``detector`` replaces the model.

        Raises whatever keeps them from starting; what ran before is not restored.
        """
        ...

    def send_errand(self, camera: str | None, *, wants_picture: bool) -> list[Errand]:
        """Give an errand to one camera, or one to each; none where there is no such camera."""
        ...
