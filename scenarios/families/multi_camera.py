"""Families with several cameras: one problem in two views, three nodes along one street."""

from __future__ import annotations

from dataclasses import replace

from ingest.taxonomy import Category
from scenarios.families.draft import Draft
from scenarios.families.dumping import carried_s, dump, kerb_place
from scenarios.families.family import family
from scenarios.families.parking import park_wrongly
from scenarios.families.peddling import setup_s, vend
from scenarios.families.sight import Post
from scenarios.families.streets import PAVEMENT_RULES, kerb_zone, pavement_zone
from scenarios.families.vehicles import spot_y

_REACH_M = 6.0


def overlap_two_cameras(draft: Draft) -> None:
    """Two cameras on either side of the street, of one node or of two, see the same car, stall or bag."""
    other = "node-1" if draft.rng.random() < 0.5 else "node-2"
    draft.posts = (
        Post("cam-1", across=(-8.0, -2.0)),
        Post("cam-2", other, y=2.0, across=(draft.street.kerb + 0.3, draft.street.wall - 0.6)),
    )
    y = spot_y(draft)
    draft.kerb(y, y)
    draft.pavement(y - 2, y)
    settle = draft.pace.first()
    leave = settle + draft.pace.stay() if draft.rng.random() < 0.4 else None
    park_wrongly(draft, "car", y, settle, leave)
    if draft.rng.random() < 0.5:
        near = round(float(draft.rng.uniform(12.0, 13.5)), 1)
        vend(draft, "stall", near, setup_s(near) + draft.pace.soon())
    draft.look()
    names = [camera.name for camera in draft.cameras]
    draft.cameras = [
        camera.model_copy(update={"overlaps": tuple(name for name in names if name != camera.name)})
        for camera in draft.cameras
    ]


def three_nodes(draft: Draft) -> None:
    """Three nodes one after the other along a street, a problem before each; neighbours see some of it too."""
    draft.street = replace(draft.street, far_y=88.0)
    places = tuple(round(start + float(draft.rng.uniform(12.5, 15.5)), 1) for start in (0.0, 24.0, 48.0))
    draft.posts = tuple(Post(f"cam-{index + 1}", f"node-{index + 1}", y=24.0 * index) for index in range(3))
    reach = [(y - _REACH_M, y + _REACH_M) for y in places]
    draft.add_zone(kerb_zone(draft.street, *reach[0], draft.rules(Category.PARKED_VEHICLE)))
    for index in (1, 2):
        rule = draft.rules(*PAVEMENT_RULES)
        draft.add_zone(pavement_zone(draft.street, *reach[index], rule, name=f"pavement-{index + 1}"))
    draft.watching = ("cam-1",)
    park_wrongly(draft, "car", places[0], draft.pace.first())
    draft.watching = ("cam-2",)
    vend(draft, "stall", places[1], setup_s(places[1]), zone="pavement-2")
    draft.watching = ("cam-3",)
    dump(draft, "bags", kerb_place(draft, places[2]), carried_s(places[2]), zone="pavement-3")


FAMILIES = (
    family(overlap_two_cameras, "multi-camera", "Two cameras see the same problem: it is one case."),
    family(three_nodes, "multi-camera", "Three nodes along a street, each with a problem of another kind."),
)
