"""Keeps the database true: takes tasks up, stores what is computed of them, ends them.

One thread makes all these changes, so none overtakes another, and a database that does not answer
holds up nothing but itself: the workers go on, and all is stored once it answers again.
"""

import math
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import structlog

from llm_simulator.database import UNREACHABLE, Database
from llm_simulator.planner.evaluate import SearchStats
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.task_manager.crash_points import reached
from llm_simulator.task_manager.feeder import Feeder
from llm_simulator.task_manager.inbox import Inbox
from llm_simulator.task_manager.run import UNEXPECTED, Job, Run, Work
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import StoredTask
from llm_simulator.task_manager.unsaved import Unsaved, save

Answer = TypeVar("Answer")

RETRY_SECONDS = 1.0
LOOK_INTERVAL = 0.05
"""Seconds between two looks for a task more urgent than all that run."""
SAVE_INTERVAL = 0.25
"""Seconds between two writes of what is computed: SQLite has one writer for all."""

log = structlog.get_logger(__name__)


class Keeper:
    """Runs up to ``max_running`` tasks at once, and as many again that are more urgent than those.

    It is told by runs what they have computed (``run.Observer``), from the feeder's thread.
    """

    def __init__(
        self,
        database: Database,
        store: TaskStore,
        feeder: Feeder,
        *,
        server_id: str,
        max_running: int,
        work: Work,
        changed: Callable[[], None],
        began: Callable[[StoredTask], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._store = store
        self._feeder = feeder
        self._server_id = server_id
        self._max_running = max_running
        self._work = work
        self._changed = changed
        self._began = began
        self._inbox = Inbox()
        self._runs: dict[str, Run] = {}
        self._unsaved: dict[str, Unsaved] = {}
        self._ended: list[Run] = []
        self._urgent = False
        self._saved_at = time.monotonic()
        self._look = True
        self._looked_at = -math.inf
        self._compare = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="task-keeper", daemon=True)
        self.refused = 0
        """Writes refused because somebody else has taken the task up since."""

    def start(self) -> None:
        """Takes up tasks from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stores what is computed and takes up no more; the feeder has stopped before."""
        self._stopping.set()
        self.wake()
        self._thread.join()

    def wake(self, priority: int | None = None) -> None:
        """There may be a task to take up, of no higher priority than that where given."""
        self._inbox.post(partial(self._consider, priority))

    def compare(self) -> None:
        """Some task here may have been changed by somebody else."""
        self._inbox.post(partial(setattr, self, "_compare", True))

    def run_of(self, task_id: str) -> Run | None:
        """The run of a task that runs here."""
        return self._runs.get(task_id)

    def release(self, run: Run) -> None:
        """A run is over because somebody has ended or deleted its task."""
        self._feeder.drop(run)
        self._inbox.post(lambda: self._forget(run))

    def planned(self, run: Run, fingerprint: str) -> None:
        """Earlier chunks are void; the next write says so."""

        def note() -> None:
            self._unsaved[run.task.task_id] = Unsaved(run.task, fingerprint=fingerprint)

        self._inbox.post(note)

    def computed(self, run: Run, job: Job, outcome: Outcome) -> None:
        """Has the outcome stored soon."""

        def note() -> None:
            self._news(run).outcomes[job.chunk] = (job.attempt, outcome)

        self._inbox.post(note)

    def lost(self, run: Run, job: Job) -> None:
        """Has the attempt stored at once."""

        def note() -> None:
            self._news(run).attempts[job.chunk] = job.attempt
            self._urgent = True

        self._inbox.post(note)

    def ended(self, run: Run) -> None:
        """Has the result or the failure stored at once."""
        self._inbox.post(lambda: self._ended.append(run))

    def _news(self, run: Run) -> Unsaved:
        return self._unsaved.setdefault(run.task.task_id, Unsaved(run.task))

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._inbox.work_off(self._patience())
            for step in (self._end, self._save_when_due, self._reconcile, self._take_up):
                self._persistently(step)
        self._inbox.work_off(0.001)
        for step in (self._end, self._save):
            self._persistently(step)

    def _patience(self) -> float | None:
        moments = [self._saved_at + SAVE_INTERVAL] if self._unsaved else []
        if self._look:
            moments.append(self._looked_at + LOOK_INTERVAL)
        return max(min(moments) - time.monotonic(), 0.001) if moments else None

    def _end(self) -> None:
        while self._ended:
            run = self._ended[0]
            if self._runs.get(run.task.task_id) is run:
                self._store_end(run)
                self._changed()
                self._forget(run)
            self._ended.pop(0)

    def _store_end(self, run: Run) -> None:
        try:
            if run.result is not None:
                message = conclusion(run.result["search_stats"])
                stored = self._store.complete(run.task, run.result, message=message)
            else:
                stored = self._store.fail(run.task, run.failure or UNEXPECTED)
        except UNREACHABLE:
            raise
        except Exception:
            log.exception("result_not_stored", task_id=run.task.task_id)
            stored = self._store.fail(run.task, UNEXPECTED)
        reached("after_completed")
        if not stored:
            self._refuse(run.task)

    def _save_when_due(self) -> None:
        due = time.monotonic() - self._saved_at >= SAVE_INTERVAL
        if self._unsaved and (due or self._urgent):
            self._save()

    def _save(self) -> None:
        news = [unsaved for name, unsaved in self._unsaved.items() if name in self._runs]
        for unsaved in news:
            run = self._runs[unsaved.task.task_id]
            unsaved.update = run.progress.update(run.priority) if run.outcomes else None
        refused = save(self._database, news, self._server_id) if news else []
        self._unsaved.clear()
        self._urgent = False
        self._saved_at = time.monotonic()
        if any(unsaved.outcomes for unsaved in news):
            reached("after_chunk_stored")
        for task in refused:
            self._refuse(task)
            self._drop(self._runs[task.task_id])

    def _reconcile(self) -> None:
        """Drops runs whose tasks are no longer ours, hands back tasks of ours that don't run."""
        if not self._compare:
            return
        mine: Mapping[str, int] = self._store.mine()
        for task_id, run in tuple(self._runs.items()):
            if mine.get(task_id) != run.task.epoch:
                log.info("run_dropped", task_id=task_id, epoch=run.task.epoch)
                self._drop(run)
        if mine.keys() - self._runs.keys():
            self._store.hand_back(keeping=self._runs)
            self._changed()
        self._compare, self._look = False, True

    def _take_up(self) -> None:
        """Fills the free places, then those for tasks more urgent than all that run."""
        most = 2 * self._max_running
        while self._look and len(self._runs) < most and not self._stopping.is_set():
            above = self._highest_if_full()
            if above is not None and time.monotonic() - self._looked_at < LOOK_INTERVAL:
                return
            task = self._store.claim_next(above=above)
            if task is None:
                break
            reached("after_claim")
            self._begin(task)
            self._changed()
        self._look = False
        self._looked_at = time.monotonic()

    def _consider(self, priority: int | None) -> None:
        above = self._highest_if_full()
        if priority is None or above is None or priority > above:
            self._look = True

    def _highest_if_full(self) -> int | None:
        """The priority that a task must exceed to be taken up; None while there is a free place."""
        if len(self._runs) < self._max_running:
            return None
        return max(run.priority for run in self._runs.values())

    def _begin(self, task: StoredTask) -> None:
        if (stale := self._runs.get(task.task_id)) is not None:
            self._drop(stale)
        run = Run(task, self, self._work)
        self._runs[task.task_id] = run
        self._began(task)
        self._feeder.add(run)

    def _drop(self, run: Run) -> None:
        self._feeder.drop(run)
        self._forget(run)

    def _forget(self, run: Run) -> None:
        """The run's place is free."""
        if self._runs.get(run.task.task_id) is run:
            del self._runs[run.task.task_id]
            self._unsaved.pop(run.task.task_id, None)
            self._look = True

    def _refuse(self, task: StoredTask) -> None:
        self.refused += 1
        log.warning("stale_write_refused", task_id=task.task_id, epoch=task.epoch)

    def _persistently(self, change: Callable[[], Answer]) -> Answer | None:
        """The answer of ``change``, tried until the database takes it or the server ends."""
        while True:
            try:
                return change()
            except UNREACHABLE:
                log.exception("database_unreachable")
            except Exception:
                # A fault of ours: the other tasks must go on.
                log.exception("keeping_failed")
                return None
            if self._stopping.wait(RETRY_SECONDS):
                return None


def conclusion(stats: SearchStats) -> str:
    """A completed task's message."""
    return f"{stats['feasible_plans']:,} of {stats['total_plans']:,} plans are feasible"
