"""What a camera worker asks of a camera's place memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from detectors.attention.closely import CloseLook
from detectors.attention.evidence import Interest
from detectors.incidents import BlindReason, Transition
from detectors.places.allowing import PermittedKind
from detectors.places.sighting import Looked, everywhere
from detectors.types import Detections, Frame
from edge.config import CameraSection


class Memory(Protocol):
    """Place memory of a camera; :class:`detectors.observer.Observer` is the real one."""

    @property
    def counters(self) -> dict[str, int]:
        """What was ignored, by reason."""
        ...

    @property
    def permitted(self) -> dict[PermittedKind, int]:
        """Permitted visits, by kind."""
        ...

    @property
    def blind_zones(self) -> frozenset[str]:
        """Zones told blind and not yet seen again."""
        ...

    def look(
        self,
        frame: Frame,
        at: datetime,
        detections: Detections,
        *,
        looked: Looked = everywhere,
        closely: Sequence[CloseLook] | None = None,
        steady_s: float | None = None,
    ) -> list[Transition]:
        """One look; ``looked``: at which boxes the detector itself looked (elsewhere its last answer is carried);
        ``closely``: the close looks that it asked for;
        ``steady_s``: monotonic seconds at ``at``, where there are any."""
        ...

    def could_not_look(
        self, at: datetime, reason: BlindReason, *, steady_s: float | None = None
    ) -> list[Transition]:
        """A look that nobody could take."""
        ...

    def interest(self, answer: Detections) -> Interest:
        """Where it needs the detector's word, given what stands."""
        ...

    def trust_hours(self, trusted: bool) -> None:
        """Whether the time of day is known; until it is, rules with hours wait."""
        ...

    @property
    def condition(self) -> str:
        """How the camera does, in words; empty while all is well."""
        ...

    def in_reference_view(self, frame: Frame) -> Frame:
        """The picture just looked at as the camera shows it while nobody knocks it; boxes are meant in that."""
        ...

    def snapshot(self) -> bytes:
        """Its complete state."""
        ...

    def background(self) -> Frame | None:
        """The bare street."""
        ...


MemoryFactory = Callable[[CameraSection, bytes | None], Memory]
"""A camera's memory from its snapshot, or a new one; raises ``ValueError`` for a snapshot that cannot be used."""
