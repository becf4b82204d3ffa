"""Scenarios as input: a folder with the scenario file, videos or sightings, and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scenarios.families import FAMILIES, Profile, build
from scenarios.language.files import SUFFIX, load_scenario, save_scenario
from scenarios.language.scenario import Scenario
from scenarios.language.street import Tier
from scenarios.truth import Truth
from scenarios.world.truths import truth_of

TRUTH_FILE = "truth.json"
SIGHTINGS_FILE = "sightings.jsonl"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Made:
    """What was made: the folder and the truth in it."""

    folder: Path
    truth: Truth


def scenario_named(target: str, seed: int, profile: Profile) -> Scenario:
    """The scenario of a file (``*.scenario.toml``) or of a family, a seed and a profile.

    Raises ValueError for what is neither or cannot be built, ConfigError for a wrong file.
    """
    if target in FAMILIES:
        return build(target, seed, profile)
    path = Path(target)
    if path.is_file():
        return load_scenario(path)
    raise ValueError(f"{target!r} is no family (kerbwatch scenarios list) and no file; files are named *{SUFFIX}")


def make(
    scenario: Scenario, tier: Tier, out_dir: Path, *, blender_python: str | None = None, progress: Progress
) -> Made:
    """Makes a scenario into ``out_dir/{name}``: its file, ``truth.json``, and a video for each camera or all
    sightings as JSON lines. ``blender_python`` draws rendered streets the pretty way.

    Raises ValueError where the scenario cannot become input of that tier, and what the makers raise.
    """
    if tier not in scenario.tiers:
        raise ValueError(f"{scenario.name}: has the tiers {', '.join(scenario.tiers)}, not {tier}")
    if tier == "real":
        raise ValueError(
            f"{scenario.name}: plays recordings, there is nothing to make; kerbwatch evaluate runs it"
        )
    if blender_python is not None and tier != "rendered":
        raise ValueError(f"pretty pictures are rendered ones: give --tier rendered, not {tier}")
    folder = out_dir / scenario.name
    save_scenario(scenario, folder)
    if tier == "detections":
        return Made(folder, _write_sightings(scenario, folder, progress))
    if blender_python is not None:
        from scenarios.pretty.film import make_pretty

        return Made(folder, make_pretty(scenario, folder, python=blender_python, progress=progress))
    from scenarios.makers.pictures import make_pictures

    return Made(folder, make_pictures(scenario, tier, folder, progress))


def _write_sightings(scenario: Scenario, folder: Path, progress: Progress) -> Truth:
    """One line for each look: camera, second, blind or not, sightings with class, box and score, people."""
    from scenarios.errors.profile import load_profile
    from scenarios.makers.detections import sightings
    from scenarios.world.world import World

    world, profile = World(scenario), load_profile()
    looks = int(scenario.duration_s / scenario.look_interval_s) * len(scenario.cameras)
    done = 0
    with (folder / SIGHTINGS_FILE).open("w", encoding="utf-8") as out:
        for camera in scenario.cameras:
            for look in sightings(world, camera.name, profile):
                found = [
                    {"class": one.object_class, "box": list(one.box), "score": round(one.score, 4)}
                    for one in look.sightings
                ]
                line = {
                    "camera": camera.name,
                    "at_s": look.at_s,
                    "blind": look.blind,
                    "sightings": found,
                    "persons": [list(box) for box in look.persons],
                }
                out.write(json.dumps(line) + "\n")
                done += 1
                progress(min(done, looks), looks)
    truth = truth_of(scenario, "detections")
    truth.save(folder / TRUTH_FILE)
    return truth
