"""Items through their steps, several at a time, each kept as soon as it is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scenarios.evaluation.item import Item, Job, Settings
from scenarios.evaluation.keys import Keys, keys_of
from scenarios.evaluation.steps import PathRuns, Steps
from scenarios.evaluation.store import REPORT, SCORE, TRUTH, Record, Store
from scenarios.evaluation.worker import Worker, WorkError
from scenarios.report import Report
from scenarios.truth import Truth

_POLL_S = 0.2
WORKSPACE = "system"
"""Folder of broker, centre and nodes while they run."""


@dataclass(frozen=True)
class Done:
    """What became of one item.

    ``kept``: it was there from before; ``reason``: why it failed; ``repeated``: why its first run was given up.
    """

    item: Item
    kept: bool = False
    reason: str | None = None
    repeated: str | None = None


class Watcher(Protocol):
    """Is told of every item as it is done, from the thread that called :func:`run_items`."""

    def done(self, done: Done) -> None: ...


@dataclass(frozen=True)
class Plan:
    """How to go about it: items at a time, whether to run what is kept, whether to keep videos."""

    jobs: int = 2
    fresh: bool = False
    keep_videos: bool = False


def run_items(
    items: Sequence[Item], settings: Settings, store: Store, steps: Steps, plan: Plan, watcher: Watcher
) -> list[Done]:
    """Bring every item into the store, in parallel. An item that fails is recorded, the others go on.

    On KeyboardInterrupt everything that was started is ended before it is passed on; what is complete stays.
    """
    with ExitStack() as stack:
        line = _Line(settings, store, steps, plan)
        pool = stack.enter_context(ThreadPoolExecutor(plan.jobs, thread_name_prefix="item"))
        stack.callback(line.close)  # before the pool waits for its threads
        futures = [pool.submit(line.do, item) for item in items]
        stack.callback(lambda: [future.cancel() for future in futures])
        _watch(futures, watcher)
    done = [future.result() for future in futures]
    if not any(one.reason for one in done):
        store.clear(WORKSPACE)  # its logs are of use only where something failed
    return done


def _watch(futures: list[Future[Done]], watcher: Watcher) -> None:
    # Waiting with a time limit: a signal is not handled while a thread waits for ever.
    pending = set(futures)
    while pending:
        finished, pending = wait(pending, timeout=_POLL_S)
        for future in finished:
            watcher.done(future.result())


class _Line:
    """The stations of one run: worker processes by thread, and the full path that all share."""

    def __init__(self, settings: Settings, store: Store, steps: Steps, plan: Plan) -> None:
        self._settings = settings
        self._store = store
        self._steps = steps
        self._plan = plan
        self._closing = False
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._workers: list[Worker] = []
        self._path = _SharedPath(lambda folder: steps.full_path(folder, settings.model), store)

    def do(self, item: Item) -> Done:
        """One item from beginning to end, or what is kept of it."""
        started = time.monotonic()
        try:
            keys = keys_of(item, self._settings)
            kept = None if self._plan.fresh else self._store.find(item, keys, baseline=self._settings.baseline)
            if kept is not None:
                self._rescore(item, kept, keys)
                return Done(item, kept=True)
            repeated = self._make(item, keys, started)
        except Exception as error:
            if self._closing:
                raise
            # Whatever it was: it is recorded with its item and counted, and the others go on.
            return self._failed(item, error, started)
        return Done(item, repeated=repeated)

    def close(self) -> None:
        """End every process that was started; threads under way then fail by themselves."""
        with self._lock:
            self._closing = True
        for worker in self._workers:
            worker.close()
        self._path.close()

    def _make(self, item: Item, keys: Keys, started: float) -> str | None:
        """Why its first run was given up, if it was."""
        repeated = None
        part = self._store.begin(item)
        job = Job(item, part, self._settings)
        if item.tier == "detections":
            self._worker().call(self._steps.in_process, job)
        else:
            self._worker().call(self._steps.make, job)
            truth = Truth.load(part / TRUTH)
            report, repeated = self._path.run(truth, part, f"e{keys.run[:20]}")
            report.save(part / REPORT)
            if not self._plan.keep_videos:
                _delete_videos(truth, part)
        self._worker().call(self._steps.score, part)
        self._store.finish(item, part, self._record(keys, started))
        return repeated

    def _rescore(self, item: Item, kept: Record, keys: Keys) -> None:
        folder = self._store.folder(item)
        if kept.score_key == keys.score and (folder / SCORE).exists():
            return
        self._worker().call(self._steps.score, folder)
        self._store.rescored(item, kept.model_copy(update={"score_key": keys.score}))

    def _failed(self, item: Item, error: Exception, started: float) -> Done:
        reason = str(error) if isinstance(error, WorkError) else f"{type(error).__name__}: {error}"
        record = Record(run_key="", score_key="", wall_s=time.monotonic() - started, reason=reason)
        self._store.finish(item, self._store.begin(item), record)
        return Done(item, reason=reason)

    def _record(self, keys: Keys, started: float) -> Record:
        return Record(
            run_key=keys.run,
            score_key=keys.score,
            baseline=self._settings.baseline,
            wall_s=round(time.monotonic() - started, 2),
        )

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._mine, "worker", None)
        if worker is not None:
            return worker
        with self._lock:
            if self._closing:
                raise WorkError("the evaluation is ending")
            worker = self._mine.worker = Worker()
            self._workers.append(worker)
        return worker


class _SharedPath:
    """The full path, started by the first run that needs it; a start that failed is not tried for every item.

    Where broker or centre die, new ones take their place. A run that they took with them is repeated once, on a path
    of its own: there no other run can take it down again, and one that kills that too has itself to blame.
    """

    def __init__(self, start: Callable[[Path], AbstractContextManager[PathRuns]], store: Store) -> None:
        self._start = start
        self._store = store
        self._starts = 0
        self._lock = threading.RLock()  # a start of the shared one is a start
        self._open: dict[PathRuns, ExitStack] = {}
        self._root: Path | None = None
        self._path: PathRuns | None = None
        self._error: Exception | None = None
        self._closed = False

    def run(self, truth: Truth, folder: Path, key: str) -> tuple[Report, str | None]:
        """The report, and why there had to be a second run, if there had to be. Raises what the last run raised."""
        path = self._get()
        try:
            return path.run(truth, folder, key), None
        except Exception as error:
            if path.alive():
                raise
            given_up = f"{type(error).__name__}: {error}"
        self._leave(path)
        own = self._begin()
        try:
            return own.run(truth, folder, key), given_up
        finally:
            self._leave(own)

    def _get(self) -> PathRuns:
        """The shared one. Raises what starting it raised."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._path is None:
                try:
                    self._path = self._begin()
                except Exception as error:
                    self._error = error
                    raise
            return self._path

    def _begin(self) -> PathRuns:
        """A new one."""
        with self._lock:
            if self._closed:
                raise WorkError("the evaluation is ending")
            ending = ExitStack()
            path = ending.enter_context(self._start(self._folder()))
            self._open[path] = ending
            return path

    def _folder(self) -> Path:
        """A new one for each start: the logs of one that died tell why."""
        self._root = self._root or self._store.workspace(WORKSPACE)
        self._starts += 1
        folder = self._root / str(self._starts)
        folder.mkdir()
        return folder

    def _leave(self, path: PathRuns) -> None:
        with self._lock:
            if self._path is path:
                self._path = None
            ending = self._open.pop(path, None)
            if ending is not None:  # otherwise another thread was quicker
                ending.close()

    def close(self) -> None:
        """End all that run."""
        with self._lock, ExitStack() as endings:
            self._closed, self._path = True, None
            for ending in self._open.values():
                endings.callback(ending.close)
            self._open.clear()


def _delete_videos(truth: Truth, folder: Path) -> None:
    for camera in truth.cameras:
        if camera.video is not None:
            (folder / camera.video).unlink(missing_ok=True)
