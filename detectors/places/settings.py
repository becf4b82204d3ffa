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
    same_as_surroundings: float = 0.7
    """After a gap it must be this part as alike as its surroundings are, which share its light."""
    continuous_s: float = 2.0
    """Within so short a time one parked object is not exchanged for another: a well-fitting sighting on an
    established place is the same object even when it looks different (an open boot, goods being unpacked)."""
    continuous_looks_s: float = 6.0
    """The same of two looks in a row that are no further apart: to drive off and to park exactly there takes longer."""
    continuous_iou: float = 0.7
    absent_likeness: float = 0.5
    visible_part: float = 0.4
    """Less of a place than this uncovered by other objects: it could not be looked at."""
    unclear_looks: int = 30
    """So many looks in a row that show neither object nor background are then taken as absent."""
    min_sightings: int = 3
    min_detected_part: float = 0.35
    """No rule fires for what the detector itself saw in less than this part of the looks at the place."""
    min_unnamed_part: float = 0.75
    """The same of what no model names: it is found by the picture's change in nearly every look, and what is found less
    often is a person standing there whom the detector misses at times."""
    min_seen_part: float = 0.5
    sure_part: float = 0.8
    """Seen by the detector in this part of the looks, it is there beyond doubt."""
    start_score: float = 0.68
    """Rubbish, stalls and two-wheelers that nobody saw arrive (they stood there at the camera's start, or in a place
    never seen bare) need at least this median score: what a detector takes for them is most often street furniture.
    On the real clips such furniture scores up to 0.66, and what truly stands there 0.8."""
    start_vehicle_score: float = 0.4
    """The same for vehicles, which little on a street is mistaken for: on the real clips groups of people and a heap
    score up to 0.33, the parked cars 0.49 and more, with either of two models."""
    close_hits: int = 2
    close_misses: int = 4
    """What nobody saw arrive is there when so many close looks found it; it is not when so many failed before."""
    confirmed_score: float = 0.4
    """What of such a kind nobody saw arrive and was found closely needs this median score: on the real clips a traffic
    cone is taken for rubbish, closely too, with up to 0.36."""
    close_again_looks: int = 300
    """After so many looks at a place what was denied is looked at closely again."""
    bare_likeness: float = 0.7
    """From here on a place looks like the bare street: what is seen there never came."""
    bare_score: float = 0.8
    bare_certainty: float = 0.5
    """Median score, and that score times the part of the looks in which it was seen, from which it is raised all the
    same: then it stood there from the start."""
    move_s: float = 60.0
    """Gone from one pitch and arrived at the next within so long, a vendor of the same looks was on the way."""
    move_m: float = 15.0
    walk_mps: float = 1.5
    move_sizes: float = 6.0
    """How far a vendor is followed, in metres, or in sizes of the stall where the ground is not calibrated."""
    moved_likeness: float = 0.35
    returned_likeness: float = 0.55
    """How alike a stall at its next pitch, and one that is back after a while, must be at least."""
    spread_m: float = 3.0
    spread_sizes: float = 3.5
    """How far from a heap further rubbish still belongs to it, in metres, or in sizes of the heap."""
    vendor_hold_s: float = 15.0
    vehicle_returns_s: float = 900.0
    vendor_returns_s: float = 3600.0
    """Back at the same place within so long, and looking the same, it goes on with its incident."""
