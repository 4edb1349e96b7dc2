"""Stands in front of the executor: hands it few chunks at a time, the most urgent first.

The executor has at most one call more than it has slots: enough to keep every worker busy, few
enough that an urgent task's first chunk is next, and that a stop leaves little behind.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from llm_simulator.errors import EngineDown, Tier6Error, WorkerLost
from llm_simulator.executors.executor import Executor
from llm_simulator.task_manager.inbox import Inbox
from llm_simulator.task_manager.run import UNEXPECTED, Job, Run
from llm_simulator.task_manager.turns import Turns

REST_SECONDS = 1.0
"""How long an executor that refuses a call is left in peace."""

log = structlog.get_logger(__name__)


@dataclass
class Call:
    """A call that the executor has; ``run`` and ``job`` are None for a question from outside."""

    run: Run | None
    job: Job | None
    settle: Callable[[Future[Any]], None]
    started: float | None = None
    """When it came among the first ``slots`` calls, which are those that run."""


@dataclass(frozen=True)
class Question:
    """A call that belongs to no run; it goes before all others."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    answer: Future[Any]


class Feeder:
    """One thread that feeds all running tasks' chunks; its methods are for any thread."""

    def __init__(
        self,
        executor: Executor,
        *,
        chunk_timeout: float,
        advanced: Callable[[Run], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._executor = executor
        self._chunk_timeout = chunk_timeout
        self._advanced = advanced
        self._clock = clock
        self._inbox = Inbox()
        self._turns = Turns()
        self._runs: list[Run] = []
        self._questions: deque[Question] = deque()
        self._calls: dict[Future[Any], Call] = {}
        self._resting_until = 0.0
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="task-feeder", daemon=True)

    def start(self) -> None:
        """Begins to feed."""
        self._thread.start()

    def stop(self) -> None:
        """Feeds no more and kills what is being computed."""
        self._inbox.post(self._stop)
        self._thread.join()

    def add(self, run: Run) -> None:
        """Feeds this run's jobs from now on."""
        self._inbox.post(lambda: self._runs.append(run))

    def drop(self, run: Run) -> None:
        """Feeds no more of this run and kills what is being computed of it."""
        self._inbox.post(lambda: self._drop(run))

    def prioritise(self, run: Run, priority: int) -> None:
        """Changes whose turn is next."""

        def change() -> None:
            run.priority = priority

        self._inbox.post(change)

    def ask(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """A future of the function's answer; it is the next call whatever else waits."""
        question = Question(function, args, Future())
        self._inbox.post(lambda: self._questions.append(question))
        return question.answer

    def _work(self) -> None:
        while not self._stopped:
            self._inbox.work_off(self._patience())
            self._expire()
            if self._clock() >= self._resting_until:
                self._feed()

    def _patience(self) -> float | None:
        """Seconds until something is to be done even if nobody posts; None for never."""
        moments = [
            call.started + self._chunk_timeout
            for call in self._calls.values()
            if call.started is not None
        ]
        if self._clock() < self._resting_until:
            moments.append(self._resting_until)
        return max(min(moments) - self._clock(), 0.001) if moments else None

    def _feed(self) -> None:
        while len(self._calls) <= self._executor.slots and self._feed_one():
            pass
        self._start_clocks()

    def _feed_one(self) -> bool:
        """Whether one more call was handed over."""
        if any(call.job and call.job.suspect for call in self._calls.values()):
            return False
        if self._questions:
            return self._put_question(self._questions.popleft())
        runs = [run for run in self._runs if run.waiting]
        return bool(runs) and self._feed_run(self._turns.next(runs))

    def _feed_run(self, run: Run) -> bool:
        job = run.waiting[0]
        if job.suspect and self._calls:
            # Alone: should a worker die once more, nobody else is to blame and nobody else hurt.
            return False
        handed = self._hand_over(
            Call(run, job, partial(self._settled, run, job)), job.function, *job.args
        )
        if handed:
            run.waiting.popleft()
        return handed

    def _put_question(self, question: Question) -> bool:
        call = Call(None, None, partial(_relay, question.answer))
        if not self._hand_over(call, question.function, *question.args):
            _relay(question.answer, _lost())
        return True

    def _hand_over(self, call: Call, function: Callable[..., Any], *args: Any) -> bool:
        try:
            future = self._executor.submit(function, *args)
        except Tier6Error as error:
            log.warning("executor_refuses", reason=str(error))
            self._resting_until = self._clock() + REST_SECONDS
            return False
        self._calls[future] = call
        future.add_done_callback(lambda done: self._inbox.post(lambda: self._finished(done)))
        return True

    def _start_clocks(self) -> None:
        for number, call in enumerate(self._calls.values()):
            if number < max(self._executor.slots, 1) and call.started is None:
                call.started = self._clock()

    def _finished(self, future: Future[Any]) -> None:
        """Settles a call; one that was dropped or ran out of time is no longer known."""
        call = self._calls.pop(future, None)
        if call is not None:
            call.settle(future)

    def _settled(self, run: Run, job: Job, future: Future[Any]) -> None:
        try:
            if future.cancelled():
                run.lost(job, "its computation was stopped", blamed=False)
            elif isinstance(loss := future.exception(), EngineDown):
                run.put_back(job)
                self._resting_until = self._clock() + REST_SECONDS
            elif isinstance(loss, WorkerLost):
                run.lost(job, str(loss), blamed=True)
            else:
                run.answered(job, future.result())
                if run.outcomes:
                    self._advanced(run)
        except Exception:
            log.exception("task_failed", task_id=run.task.task_id)
            run.fail(UNEXPECTED)
        if run.ended:
            self._drop(run)

    def _expire(self) -> None:
        limit = self._clock() - self._chunk_timeout
        for future, call in tuple(self._calls.items()):
            if call.started is None or call.started > limit or call.run is None or not call.job:
                continue
            del self._calls[future]
            future.cancel()
            reason = f"it took longer than {self._chunk_timeout:g} s"
            call.run.lost(call.job, reason, blamed=False)
            if call.run.ended:
                self._drop(call.run)

    def _drop(self, run: Run) -> None:
        if run in self._runs:
            self._runs.remove(run)
        for future, call in tuple(self._calls.items()):
            if call.run is run:
                del self._calls[future]
                future.cancel()

    def _stop(self) -> None:
        self._stopped = True
        for run in tuple(self._runs):
            self._drop(run)
        for future in self._calls:
            future.cancel()
        for question in self._questions:
            _relay(question.answer, _lost())


def _lost() -> Future[Any]:
    lost: Future[Any] = Future()
    lost.set_exception(WorkerLost("no worker is free to answer"))
    return lost


def _relay(answer: Future[Any], source: Future[Any]) -> None:
    """Ends ``answer`` as ``source`` has ended."""
    stopped = WorkerLost("its computation was stopped")
    error = stopped if source.cancelled() else source.exception()
    with contextlib.suppress(InvalidStateError):
        if error is None:
            answer.set_result(source.result())
        else:
            answer.set_exception(error)
