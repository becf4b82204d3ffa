"""Looks at what is on the box: data folder, spool, cameras, model, state of the fleet orders."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import closing
from pathlib import Path
from random import Random

from detectors.runtime import open_detector
from detectors.types import DetectorError
from edge.config import CameraSection, NodeConfig
from edge.doctor.finding import Finding, ok, problem, warning
from edge.doctor.judging import judge_disk, judge_spool
from edge.fleet.config_state import ConfigState
from edge.fleet.model_state import ModelState
from edge.fleet.trial import judge_detector
from ingest.cameras import Frame, NoPicture, SourceError, SourceOptions, open_source
from ingest.cameras.source import SourceFailure
from ingest.clock import SystemClock
from ingest.sanitise import sanitise
from ingest.signing import KeyFileError, load_or_create_key
from models.errors import ModelError

CAMERA_S = 15.0
"""So long a camera may take to show a picture."""
MOST_AT_ONCE = 8

_CAMERA_FIXES = {
    SourceFailure.UNAUTHORISED: "correct user and password in its source",
    SourceFailure.REFUSED: "nothing listens there: is the camera on, is the port right?",
    SourceFailure.TIMED_OUT: "is it on, is the network up, does a firewall let it through?",
}


def examine_data(config: NodeConfig) -> list[Finding]:
    """Folder, disk, spool, key and what the centre last ordered."""
    folder = config.node.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".doctor"
        probe.write_bytes(b"")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        fix = "give a folder this user may write to, and look at the disk (read-only after an error?)"
        return [problem("data folder", "data_not_writable", f"{folder}: {error.strerror}", fix)]
    pictures = sum(path.stat().st_size for path in folder.glob("evidence/*") if path.is_file())
    findings = [ok("data folder", f"{folder} can be written"), judge_disk(free, pictures)]
    if (folder / "node.key").exists():
        try:
            load_or_create_key(folder / "node.key")
        except KeyFileError as error:
            findings.append(
                problem("key", "key_unusable", str(error), "restore it from a backup, or enrol the node anew")
            )
    aside = sorted(folder.glob("node.db.damaged-*"))
    if aside:
        text = f"{len(aside)} damaged database(s) were set aside, the last as {aside[-1].name}"
        findings.append(
            warning("spool", "spool_was_damaged", text, "a failing disk? keep a copy, then delete them")
        )
    return [*findings, *_examine_database(folder / "node.db")]


def _examine_database(path: Path) -> list[Finding]:
    if not path.exists():
        return [ok("spool", "no events yet: this node has not run")]
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as database:
            verdict = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
            if verdict != "ok":
                raise sqlite3.DatabaseError(verdict)
            events, size = database.execute("SELECT events, bytes FROM spool_size").fetchone()
            row = database.execute("SELECT value FROM counters WHERE name = 'evicted_total'").fetchone()
            has_fleet = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'fleet_state'").fetchone()
            states = dict(database.execute("SELECT name, record FROM fleet_state")) if has_fleet else {}
    except sqlite3.DatabaseError as error:
        fix = "start the node: it sets the file aside and begins a new one; events in it may be lost"
        return [problem("spool", "spool_damaged", f"{path}: {error}", fix)]
    return [judge_spool(int(events), int(size), int(row[0]) if row else 0), *_orders(states)]


def _orders(states: dict[str, str]) -> list[Finding]:
    """What became of the last orders."""
    told = [
        (name, kind.model_validate_json(states[name]).told)
        for name, kind in (("config", ConfigState), ("model", ModelState))
        if name in states
    ]
    found = []
    for name, last in told:
        check = f"{name} from the centre"
        if last.state in ("refused", "rolled_back"):
            text = f"revision {last.revision} was {last.state.replace('_', ' ')}: {last.reason}"
            found.append(warning(check, f"{name}_{last.state}", text, "the centre's page of this node says more"))
        elif last.state != "none":
            found.append(ok(check, f"revision {last.revision} is {last.state}"))
    return found


def examine_cameras(config: NodeConfig, *, seconds: float = CAMERA_S) -> list[Finding]:
    """Open each camera and wait for a picture; several at once."""
    pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="doctor")
    try:
        asked = [(camera, pool.submit(_examine_camera, camera, seconds)) for camera in config.cameras]
        findings = []
        for camera, answer in asked:
            try:
                findings.append(answer.result(2 * seconds))
            except TookTooLong:
                text = "neither shows a picture nor fails"
                findings.append(problem(f"camera {camera.name}", "camera_hangs", text, "restart the camera"))
        return findings
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _examine_camera(camera: CameraSection, seconds: float) -> Finding:
    check, clock = f"camera {camera.name}", SystemClock()
    options = SourceOptions(look_interval_s=camera.look_interval_s, start_at=camera.start_at, fps=camera.fps)
    until = clock.monotonic() + seconds
    last: NoPicture | None = None
    try:
        source = open_source(camera.address, options, clock=clock, rng=Random(0))  # noqa: S311 - spreads retries
        try:
            while clock.monotonic() < until:
                answer = source.read(0.5)
                if isinstance(answer, Frame):
                    height, width = answer.image.shape[:2]
                    return ok(check, f"shows pictures of {width} x {height}")
                if isinstance(answer, NoPicture):
                    last = answer
                else:
                    return problem(
                        check, "camera_empty", f"{camera.address.shown} holds no picture", "give another source"
                    )
        finally:
            source.close()
    except SourceError as error:
        return problem(check, f"camera_{error.reason.value}", sanitise(str(error)), _fix(error.reason))
    if last is None:
        return problem(check, "camera_silent", f"no picture within {seconds:.0f} s", "restart the camera")
    return problem(
        check, f"camera_{last.reason.value}", sanitise(last.detail) or last.reason.value, _fix(last.reason)
    )


def _fix(reason: SourceFailure) -> str:
    return _CAMERA_FIXES.get(reason, "look at the address in its source, and at the camera itself")


def examine_model(config: NodeConfig) -> Finding:
    """Open the model of the file and have it look at the test picture."""
    try:
        model = config.model()
        section = config.detector
        detector = open_detector(
            model,
            backend=None if section is None else section.backend,
            threads=1 if section is None else section.threads,
        )
        try:
            judge_detector(detector)
        finally:
            detector.close()
    except (ModelError, DetectorError) as error:
        fix = "kerbwatch models verify says more; name another model in [detector]"
        return problem("model", "model_unusable", str(error)[:500], fix)
    return ok("model", f"{model.card.name} {model.card.version} sees on the test picture what its card says")
