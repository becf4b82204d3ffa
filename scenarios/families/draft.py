"""A scenario in the making: families put in what happens, the draft finds a camera and adds the everyday."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

import numpy as np

from ingest.taxonomy import Category
from scenarios.families.background import add_everyday
from scenarios.families.pace import Pace, Profile, tenth
from scenarios.families.sight import Post, Spot, find_camera
from scenarios.families.streets import PAVEMENT_RULES, Street, kerb_zone, pavement_zone, rules
from scenarios.language.cast import Actor, ActorKind, Keyframe, Pedestrians, Posture, Traffic
from scenarios.language.claims import Innocence, Market, MustNot, Problem, Subject
from scenarios.language.conditions import Condition, ConditionKind
from scenarios.language.scenario import Scenario
from scenarios.language.sensors import Sensor
from scenarios.language.street import Camera, SceneZone, Tier, ZoneRule
from scenarios.scene.camera import Camera as Pinhole

Story = Callable[["Draft"], None]
_FAMILY = 7001
_ROOM_M = 6.0
_NEAR_END, _FAR_END = 6.5, 42.0
_CIVIL_AHEAD = timedelta(hours=8)


class Draft:
    """Everything a story has said so far. Times in seconds since the start, lengths in metres.

    A story draws from ``rng``, sets ``street`` if it wants another one, and says with :meth:`until` how long the
    scenario must last. ``watching`` names the cameras that must see what is put in next; empty: all.
    """

    def __init__(
        self, family: str, seed: int, profile: Profile, *, summary: str, tiers: tuple[Tier, ...], attempt: int = 0
    ) -> None:
        self.family, self.seed, self.profile = family, seed, profile
        self.summary, self.tiers = summary, tiers
        which = 0 if profile == "short" else 1
        self.rng = np.random.default_rng((seed, _FAMILY, which, crc32(family.encode()), attempt))
        self.pace = Pace.drawn(profile, self.rng)
        self.street = Street.drawn(self.rng)
        self.civil_hour = float(self.rng.uniform(9, 16))
        self.density = float(self.rng.uniform(0.7, 1.4))
        self.vehicles_pass = self.people_pass = True
        self.furnished = True
        self.static_objects = False
        self.scenery: dict[str, Any] = {}
        self.watching: tuple[str, ...] = ()
        self.posts: tuple[Post, ...] = (Post(),)
        self.cameras: list[Camera] = []
        self.zones: list[SceneZone] = []
        self.actors: list[Actor] = []
        self.traffic: list[Traffic] = []
        self.pedestrians: list[Pedestrians] = []
        self.conditions: list[Condition] = []
        self.sensors: list[Sensor] = []
        self.problems: list[Problem] = []
        self.markets: list[Market] = []
        self.must_not: list[MustNot] = []
        self.spots: list[Spot] = []
        self.busy: list[tuple[int, float, float]] = []
        self._needed_s = self.pace.least_s

    @property
    def side(self) -> int:
        return self.street.side

    @property
    def duration_s(self) -> float:
        """How long the scenario lasts as far as is known."""
        return tenth(self._needed_s)

    def until(self, second: float) -> None:
        """The scenario lasts at least to ``second``."""
        self._needed_s = max(self._needed_s, second)

    def rules(self, *categories: Category) -> tuple[ZoneRule, ...]:
        """Rules with this scenario's dwell."""
        return rules(categories, self.pace.dwell_s, self.pace.look_s)

    def looks(self) -> int:
        """A seed for the looks of an actor."""
        return int(self.rng.integers(0, 1_000_000))

    def actor(
        self,
        name: str,
        kind: ActorKind,
        at: Sequence[Keyframe],
        *,
        leaves_s: float | None = None,
        seed: int | None = None,
        posture: Posture = Posture.STAND,
    ) -> str:
        """Put an actor in; gives its id. The scenario lasts long enough for it to leave."""
        looks = self.looks() if seed is None else seed
        self.actors.append(Actor(id=name, kind=kind, seed=looks, at=tuple(at), leaves_s=leaves_s, posture=posture))
        self.until((at[-1].s if leaves_s is None else leaves_s) + 2)
        return name

    def problem(
        self,
        category: Subject,
        zone: str,
        actors: Sequence[str],
        start_s: float,
        end_s: float | None = None,
        name: str | None = None,
    ) -> str:
        """State a problem; gives its id. The scenario lasts until it must have been noticed, or to its end."""
        number = name or f"p{len(self.problems) + 1}"
        self.problems.append(
            Problem(
                id=number, category=category, zone=zone, actors=tuple(actors), start_s=tenth(start_s), end_s=end_s
            )
        )
        self.until(start_s + self.pace.stay() if end_s is None else end_s + self.pace.gap())
        return number

    def innocent(
        self,
        why: Innocence,
        category: Subject,
        actors: Sequence[str] = (),
        *,
        zone: str | None = None,
        sensor: str | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
    ) -> None:
        """State what must not be raised."""
        self.must_not.append(
            MustNot(
                id=f"n{len(self.must_not) + 1}",
                why=why,
                category=category,
                actors=tuple(actors),
                zone=zone,
                sensor=sensor,
                start_s=tenth(start_s),
                end_s=None if end_s is None else tenth(end_s),
            )
        )

    def condition(self, kind: ConditionKind, from_s: float = 0.0, to_s: float | None = None, **more: Any) -> None:
        """Let weather, light, lens, stream or clock act; ``more`` are fields of Condition."""
        end = None if to_s is None else tenth(to_s)
        if end is not None:
            self.until(end)
        self.conditions.append(Condition(kind=kind, from_s=tenth(from_s), to_s=end, **more))

    def see(self, spot: Spot, zone: str | None = None) -> None:
        """The camera must see this well; its zone, if named, is found when the camera is looked for."""
        corners = next((one.ground for one in self.zones if one.name == zone), ())
        self.spots.append(replace(spot, zone=corners, cameras=self.watching))

    def add_zone(self, zone: SceneZone) -> str:
        """Put a zone in; gives its name."""
        self.zones.append(zone)
        return zone.name

    def kerb(self, y1: float, y2: float) -> str:
        """A no-stopping strip around what stands between ``y1`` and ``y2``."""
        room = (max(_NEAR_END, y1 - _ROOM_M), min(_FAR_END, y2 + _ROOM_M))
        return self.add_zone(kerb_zone(self.street, *room, self.rules(Category.PARKED_VEHICLE)))

    def pavement(self, y1: float, y2: float) -> str:
        """The wide pavement around what stands between ``y1`` and ``y2``."""
        room = (max(_NEAR_END, y1 - _ROOM_M), min(_FAR_END, y2 + _ROOM_M))
        return self.add_zone(pavement_zone(self.street, *room, self.rules(*PAVEMENT_RULES)))

    def look(self, accept: Callable[[Pinhole], bool] = lambda _: True) -> list[Camera]:
        """The cameras, found for the spots said so far. Raises NoViewError."""
        if not self.cameras:
            self._complete_zones()
            spots = self.spots or [Spot(ActorKind.CAR, 0, self.side * self.street.strip, 16.0)]
            found = [
                find_camera(self.rng, self.street, [s for s in spots if s.seen_by(post.name)], post, accept)
                for post in self.posts
            ]
            more = {"static_objects": self.static_objects}
            self.cameras = [camera.model_copy(update=more) for camera in found]
        return self.cameras

    def _complete_zones(self) -> None:
        """Every street has both kinds of zone, so that false finds of any category show."""
        names = {zone.name for zone in self.zones}
        ys = [spot.y for spot in self.spots] or [16.0]
        if not names & {"kerb", "lane", "bays"}:
            self.kerb(min(ys), max(ys))
        if not any(name.startswith("pavement") for name in names):
            self.pavement(min(ys), max(ys))

    def finish(self) -> Scenario:
        """The whole scenario, with traffic, people and furniture around the story."""
        if self.posts:
            self.look()
            add_everyday(self)
        return Scenario.model_validate(
            {
                "name": f"{self.family}-{self.profile}-{self.seed}",
                "family": self.family,
                "seed": self.seed,
                "summary": self.summary,
                "tiers": self.tiers,
                "starts_at": self._starts_at(),
                "duration_s": self.duration_s,
                "look_interval_s": self.pace.look_s,
                "scenery": self.street.scenery(self.looks(), **self.scenery),
                "camera": self.cameras,
                "zone": self.zones,
                "actor": self.actors,
                "traffic": self.traffic,
                "pedestrians": self.pedestrians,
                "condition": self.conditions,
                "sensor": self.sensors,
                "problem": self.problems,
                "market": self.markets,
                "must_not": self.must_not,
            }
        )

    def _starts_at(self) -> datetime:
        civil = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(
            days=int(self.seed % 28), minutes=round(self.civil_hour * 60)
        )
        return civil - _CIVIL_AHEAD
