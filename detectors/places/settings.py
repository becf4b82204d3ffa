"""The constants of place memory, in one record so that tests and nodes can change them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MemorySettings:
    """Tunable constants; the defaults suit one look a second. Lengths in seconds or looks, likenesses 0..1."""

    max_places: int = 500
    anchor_sightings: int = 5
    """Sightings whose median fixes a place's anchor; from then on the place counts as established."""
    candidate_misses: int = 3
    """A place that is not established is forgotten after so many looks in a row that saw nothing there."""
    start_looks: int = 3
    """What is first seen within so many looks of the camera's first start is ``present_at_start``; so is what is
    found later in a place that looks as it did when the bare street was learnt."""
    clear_looks: int = 3
    update_interval_s: float = 60.0
    blind_after_s: float = 10.0
    match_iou: float = 0.5
    match_centre: float = 0.2
    """Alternative to the overlap: centres closer than this part of the size, sizes within ``match_size``."""
    match_size: float = 1.6
    same_likeness: float = 0.6
    """A sighting whose crop is less like the remembered one than this is another object."""
    same_after_gap: float = 0.4
    """The same after an unobserved gap, in which light may have changed."""
    continuous_s: float = 2.0
    """Within so short a time one parked object is not exchanged for another: a well-fitting sighting on an
    established place is the same object even when it looks different (an open boot, goods being unpacked)."""
    continuous_iou: float = 0.7
    absent_likeness: float = 0.5
    visible_part: float = 0.4
    """Less of a place than this uncovered by other objects: it could not be looked at."""
    unclear_looks: int = 30
    """So many looks in a row that show neither object nor background are then taken as absent."""
    min_sightings: int = 3
    min_detected_part: float = 0.35
    """No rule fires for what the detector itself saw in less than this part of the looks at the place."""
    min_seen_part: float = 0.5
    start_score: float = 0.6
    """Rubbish and stalls that stood there at the camera's start need at least this median score: nobody saw them
    arrive, and what a detector takes for them at a start is most often street furniture."""
