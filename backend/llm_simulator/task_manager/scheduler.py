"""The one thread that stores submissions, takes tasks up and stores what is computed of them.

A loop: commands in, then one step after the other, each a transaction of its own. None overtakes
another, and a database that does not answer holds up nothing but this thread: the dispatcher and
its workers go on, and all is stored once the database answers again.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from llm_simulator.database import UNREACHABLE
from llm_simulator.schemas.events import Event, TaskDeleted, TaskUpdate
from llm_simulator.schemas.states import TaskState
from llm_simulator.task_manager.commands import (
    AdvancedElsewhere,
    CommandQueue,
    DropRun,
    EventsLogged,
    Prioritise,
    RunEnded,
    StartRun,
    Stop,
    Submit,
    TaskGone,
    TasksChanged,
    ToDispatcher,
    ToScheduler,
)
from llm_simulator.task_manager.crash_points import reached
from llm_simulator.task_manager.events import EventFeed
from llm_simulator.task_manager.group_commit import GroupCommit
from llm_simulator.task_manager.heartbeat import LeaseHeartbeat
from llm_simulator.task_manager.run import UNEXPECTED
from llm_simulator.task_manager.store import TaskStore
from llm_simulator.task_manager.task_rows import StoredTask
from llm_simulator.task_manager.write_buffer import WriteBuffer

RETRY_SECONDS = 1.0
LOOK_INTERVAL = 0.05
"""Seconds between two looks for a task more urgent than all that run."""
FLUSH_INTERVAL = 0.25
"""Seconds between two writes of what is computed: SQLite has one writer for all."""
CROWD = 4
GATHER_SECONDS = 0.005
"""While a crowd submits at once, so long is waited for more: one transaction costs as much as ten
submissions in it."""

log = structlog.get_logger(__name__)


@dataclass
class Running:
    """A task that runs here."""

    task: StoredTask
    priority: int
    since: float


class Scheduler:
    """Runs up to ``max_running`` tasks at once, and as many again that are more urgent."""

    def __init__(
        self,
        store: TaskStore,
        *,
        buffer: WriteBuffer,
        submissions: GroupCommit,
        heartbeat: LeaseHeartbeat,
        feed: EventFeed,
        dispatch: Callable[[ToDispatcher], None],
        max_running: int,
        began: Callable[[StoredTask], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._buffer = buffer
        self._submissions = submissions
        self._heartbeat = heartbeat
        self._feed = feed
        self._dispatch = dispatch
        self._max_running = max_running
        self._began = began
        self._queue: CommandQueue[ToScheduler] = CommandQueue()
        self._running: dict[str, Running] = {}
        self._ended: deque[RunEnded] = deque()
        self._submitted: list[Submit] = []
        self._crowded = False
        self._flushed_at = time.monotonic()
        self._look, self._looked_at = True, -math.inf
        self._reconcile_due = False
        self._events_due = True
        self._retry_at = 0.0
        self._stopped = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="task-scheduler", daemon=True)
        self.refused = 0
        """Writes refused because somebody else has taken the task up since."""

    def start(self) -> None:
        """Takes up what an ended server left behind, then runs until ``stop``."""
        self._feed.start()
        self._heartbeat.begin()
        self._thread.start()

    def stop(self) -> None:
        """Stores what is submitted and computed and hands running tasks back; the dispatcher has
        stopped before."""
        with self._closing:
            self._queue.post(Stop())
            self._stopped = True
        self._thread.join()

    def post(self, command: ToScheduler) -> None:
        """Has the command carried out soon; for any thread."""
        self._queue.post(command)

    def submit(self, command: Submit) -> str:
        """The id of the new task, once it is stored for good; raises QueueFull."""
        with self._closing:
            if self._stopped:
                self._submissions.store([command])
            else:
                self._queue.post(command)
        return command.task_id.result()

    def _work(self) -> None:
        while not self._stopped:
            self._obey(self._queue.take(self._patience()))
            self._store_submissions()
            if time.monotonic() >= self._retry_at:
                self._step_through(
                    self._beat, self._end, self._flush_when_due, self._reconcile, self._take_up
                )
            self._guarded(self._tell)
        self._obey(self._queue.take(0.001))
        self._store_submissions()
        self._step_through(self._end, self._flush, self._store.hand_back, self._heartbeat.end)
        self._guarded(self._tell)

    def _obey(self, commands: list[ToScheduler]) -> None:
        for command in commands:
            match command:
                case Submit():
                    self._submitted.append(command)
                case EventsLogged():
                    self._events_due = True
                case TasksChanged():
                    self._events_due = self._look = True
                case TaskGone(task_id, epoch):
                    running = self._running.get(task_id)
                    # A later run is of a task that was retried since.
                    if running and (epoch is None or running.task.epoch <= epoch):
                        self._drop(running.task)
                case AdvancedElsewhere(task_id):
                    self._feed.advanced_elsewhere(task_id)
                    self._events_due = True
                case Stop():
                    pass
                case RunEnded(task):
                    if self._is_ours(task):
                        self._ended.append(command)
                case _:
                    if self._is_ours(command.task):
                        self._buffer.add(command)

    def _is_ours(self, task: StoredTask) -> bool:
        running = self._running.get(task.task_id)
        return running is not None and running.task.epoch == task.epoch

    def _patience(self) -> float:
        """Seconds until something is to be done even if nobody asks for it."""
        work = [self._heartbeat.due]
        if self._buffer:
            work.append(self._flushed_at + (0 if self._buffer.urgent else FLUSH_INTERVAL))
        if self._look:
            work.append(self._looked_at + LOOK_INTERVAL)
        if self._reconcile_due or self._ended:
            work.append(0.0)
        moments = [max(min(work), self._retry_at)]
        if self._events_due:
            moments.append(self._feed.rested_at)
        return max(min(moments) - time.monotonic(), 0.001)

    def _store_submissions(self) -> None:
        if not self._submitted:
            return
        if self._crowded:
            time.sleep(GATHER_SECONDS)
            self._obey(self._queue.take(0.0))
        together, self._submitted = self._submitted, []
        self._crowded = len(together) >= CROWD
        self._submissions.store(together)
        self._events_due = True
        self._consider(max(one.submission.priority for one in together))

    def _beat(self) -> None:
        if time.monotonic() >= self._heartbeat.due:
            try:
                self._heartbeat.beat()
            except SQLAlchemyError:
                log.warning("heartbeat_missed")
                return
            self._reconcile_due = self._events_due = True

    def _end(self) -> None:
        while self._ended:
            end = self._ended[0]
            if self._is_ours(end.task):
                self._store_end(end)
                self._events_due = True
                self._forget(end.task)
            self._ended.popleft()

    def _store_end(self, end: RunEnded) -> None:
        task, failure = end.task, end.failure
        try:
            stored = self._stored_end(end)
        except UNREACHABLE:
            raise
        except Exception:
            log.exception("result_not_stored", task_id=task.task_id)
            failure = UNEXPECTED
            stored = self._store.fail(task, failure)
        reached("after_completed")
        if not stored:
            self._refuse(task)
            return
        seconds = round(time.monotonic() - self._running[task.task_id].since, 3)
        if failure is not None:
            log.info("task_failed", task_id=task.task_id, seconds=seconds, error=failure)
            return
        stats = end.result["search_stats"]
        counts = {name: stats[name] for name in ("total_plans", "feasible_plans")}
        log.info("task_completed", task_id=task.task_id, seconds=seconds, **counts)

    def _stored_end(self, end: RunEnded) -> bool:
        if end.failure is not None:
            return self._store.fail(end.task, end.failure)
        message = conclusion(end.result["search_stats"])
        return self._store.complete(end.task, end.result, message=message)

    def _flush_when_due(self) -> None:
        due = time.monotonic() - self._flushed_at >= FLUSH_INTERVAL
        if self._buffer and (due or self._buffer.urgent):
            self._flush()

    def _flush(self) -> None:
        outcomes, refused = self._buffer.flush()
        self._flushed_at = time.monotonic()
        if outcomes:
            reached("after_chunk_stored")
        for task in refused:
            self._refuse(task)
            self._drop(task)

    def _reconcile(self) -> None:
        """Drops runs whose tasks are no longer ours, hands back tasks of ours that don't run."""
        if not self._reconcile_due:
            return
        mine = self._store.mine()
        for task_id, running in tuple(self._running.items()):
            if mine.get(task_id) != running.task.epoch:
                log.info("run_dropped", task_id=task_id, epoch=running.task.epoch)
                self._drop(running.task)
        if mine.keys() - self._running.keys():
            self._store.hand_back(keeping=self._running)
            self._events_due = True
        self._reconcile_due, self._look = False, True

    def _take_up(self) -> None:
        """Fills the free slots, then those for tasks more urgent than all that run."""
        while self._look and len(self._running) < 2 * self._max_running and not self._stopped:
            above = self._highest_if_full()
            if above is not None and time.monotonic() - self._looked_at < LOOK_INTERVAL:
                return
            task = self._store.claim_next(above=above)
            if task is None:
                break
            reached("after_claim")
            self._begin(task)
        self._look = False
        self._looked_at = time.monotonic()

    def _consider(self, priority: int) -> None:
        """A task of this priority has come."""
        above = self._highest_if_full()
        if above is None or priority > above:
            self._look = True

    def _highest_if_full(self) -> int | None:
        """The priority that a task must exceed to be taken up; None while there is a free slot."""
        if len(self._running) < self._max_running:
            return None
        return max(running.priority for running in self._running.values())

    def _begin(self, task: StoredTask) -> None:
        if (stale := self._running.get(task.task_id)) is not None:
            self._drop(stale.task)
        self._running[task.task_id] = Running(task, task.priority, time.monotonic())
        self._events_due = True
        log.info(
            "task_started",
            task_id=task.task_id,
            epoch=task.epoch,
            resumed_chunks=len(task.resumed.outcomes),
        )
        self._began(task)
        self._dispatch(StartRun(task))

    def _drop(self, task: StoredTask) -> None:
        self._dispatch(DropRun(task))
        self._forget(task)

    def _forget(self, task: StoredTask) -> None:
        """The task's slot is free."""
        if self._is_ours(task):
            del self._running[task.task_id]
            self._buffer.forget(task.task_id)
            self._look = True

    def _refuse(self, task: StoredTask) -> None:
        self.refused += 1
        log.warning("stale_write_refused", task_id=task.task_id, epoch=task.epoch)

    def _tell(self) -> None:
        """Tells subscribers what the log says, and follows it: somebody else may have changed
        what runs here."""
        if self._events_due and time.monotonic() >= self._feed.rested_at:
            for event in self._feed.tell_changes():
                self._heed(event)
            self._events_due = self._feed.behind

    def _heed(self, event: Event) -> None:
        if isinstance(event, TaskUpdate) and event.status is TaskState.PENDING:
            self._consider(event.priority)
        running = self._running.get(event.task_id)
        if running is None:
            return
        if isinstance(event, TaskDeleted) or event.status is not TaskState.RUNNING:
            self._reconcile_due = True
        elif running.priority != event.priority:
            running.priority = event.priority
            self._dispatch(Prioritise(running.task, event.priority))

    def _step_through(self, *steps: Callable[[], object]) -> None:
        """Takes the steps up to one that the database does not answer; they are tried again."""
        for step in steps:
            try:
                step()
            except UNREACHABLE:
                log.exception("database_unreachable")
                self._retry_at = time.monotonic() + RETRY_SECONDS
                return
            except Exception:
                # A fault of ours: the other tasks must go on.
                log.exception("scheduling_failed")
                self._retry_at = time.monotonic() + RETRY_SECONDS

    def _guarded(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except SQLAlchemyError:
            log.exception("events_not_read")
            self._feed.rest(RETRY_SECONDS)


def conclusion(stats: Mapping[str, Any]) -> str:
    """A completed task's message."""
    return f"{stats['feasible_plans']:,} of {stats['total_plans']:,} plans are feasible"
