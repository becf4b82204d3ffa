"""The drawn street of a scenario: its plan, its daylight, its street lamps."""

from __future__ import annotations

import numpy as np

from scenarios.language.cast import ActorKind
from scenarios.language.scenario import Scenario
from scenarios.scene.camera import Floats
from scenarios.scene.light import Light, random_light, sun_direction
from scenarios.scene.raster import Pose
from scenarios.scene.street import Street
from scenarios.world.shapes import mesh_for

_LAMP_EVERY_M = 24.0
_LAMP_M = 7.5


def street_of(scenario: Scenario) -> Street:
    """The plan of the street as the renderer wants it; narrow carriageways have no centre line."""
    plan = scenario.scenery
    rng = np.random.default_rng((plan.seed, 501))
    return Street(
        kerb_left=plan.kerb_left,
        kerb_right=plan.kerb_right,
        wall_left=plan.wall_left,
        wall_right=plan.wall_right,
        bays=plan.bays,
        crossing=plan.crossing,
        side_street=plan.side_street,
        centre_line=plan.kerb_right - plan.kerb_left >= 5.0,
        tactile=bool(rng.random() < 0.6),
        seed=plan.seed,
    )


def daylight(scenario: Scenario, dullness: float) -> Light:
    """The light of a scenario's day; at ``dullness`` 1 the sky is grey and nothing casts a sharp shadow."""
    rng = np.random.default_rng((scenario.scenery.seed, 502))
    if scenario.scenery.background is not None:
        # Nobody knows where the sun of somebody's picture stands, so what is put into it is lit from above.
        fair = Light(sun_direction(0.0, 1.3), 0.12, 0.82, (198, 194, 188), (222, 220, 216), 0.22)
    else:
        fair = random_light(rng, (0.5, 0.5, 0.0, 0.0))
    share = float(np.clip(dullness, 0, 1))

    def between(bright: float, grey: float) -> float:
        return bright + (grey - bright) * share

    top, low = (
        tuple(between(a, b) for a, b in zip(sky, grey, strict=True))
        for sky, grey in ((fair.sky_top, (172.0, 170.0, 166.0)), (fair.sky_low, (196.0, 194.0, 190.0)))
    )
    return Light(
        to_sun=fair.to_sun,
        sun=between(fair.sun, 0.06),
        ambient=between(fair.ambient, 0.84),
        sky_top=(top[0], top[1], top[2]),
        sky_low=(low[0], low[1], low[2]),
        shadow=between(fair.shadow, 0.1),
    )


def street_lamps(scenario: Scenario) -> Floats:
    """Where street lamps burn (L, 3) in metres: the scenario's own, or two rows along the kerbs."""
    own = [actor for actor in scenario.actors if actor.kind is ActorKind.LAMP]
    if len(own) >= 2:
        places: list[Floats] = []
        for actor in own:
            spot = actor.at[0]
            pose = Pose(spot.x, spot.y, np.radians(spot.heading_deg or 0.0))
            places.append(pose.place(mesh_for(actor.kind, actor.seed).lamps[:, :3]))
        return np.vstack(places)
    plan = scenario.scenery
    rng = np.random.default_rng((plan.seed, 503))
    first = rng.uniform(-16, -6)
    rows = [
        (x, first + shift + _LAMP_EVERY_M * k, _LAMP_M)
        for x, shift in ((plan.kerb_left - 0.3, 0.0), (plan.kerb_right + 0.3, _LAMP_EVERY_M / 2))
        for k in range(4)
    ]
    return np.array(rows)
