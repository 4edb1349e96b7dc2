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
from typing import Any

import structlog

from llm_simulator.errors import EngineDown, InvalidInput, RunFailed, Tier6Error, WorkerLost
from llm_simulator.executors.executor import Executor
from llm_simulator.task_manager.commands import (
    CallEnded,
    CommandQueue,
    DropRun,
    Prioritise,
    Question,
    Report,
    StartRun,
    Stop,
    ToDispatcher,
)
from llm_simulator.task_manager.fair_scheduler import FairScheduler
from llm_simulator.task_manager.run import UNEXPECTED, Job, Run
from llm_simulator.task_manager.task_rows import StoredTask
from llm_simulator.task_manager.work import WorkerFunctions

REST_SECONDS = 1.0
"""How long an executor that refuses a call is left in peace."""

log = structlog.get_logger(__name__)


@dataclass
class Call:
    """A call that the executor has: of a run's job, or of a question."""

    of: tuple[Run, Job] | Question
    deadline: float | None
    """When it is given up; None while it waits for a slot, as a job may for ever."""


class Dispatcher:
    """Which call is next, and what comes of it. No thread of its own; ``post`` is thread-safe.

    What is to be stored goes to ``report``; what the executor has done comes back by ``post``.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        work: WorkerFunctions,
        chunk_timeout: float,
        report: Callable[[Report], None],
        post: Callable[[ToDispatcher], None],
        max_plans: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._executor = executor
        self._work = work
        self._chunk_timeout = chunk_timeout
        self._max_plans = max_plans
        self._report = report
        self._post = post
        self._clock = clock
        self._fair = FairScheduler()
        self._runs: dict[tuple[str, int], Run] = {}
        self._questions: deque[tuple[Question, float]] = deque()
        self._calls: dict[Future[Any], Call] = {}
        self._resting_until = 0.0

    def obey(self, command: ToDispatcher) -> None:
        """Carries a command out; calls follow with ``advance``."""
        match command:
            case StartRun(task):
                self._runs[_key(task)] = Run(task, self._work, self._report, self._max_plans)
            case DropRun(task):
                self._drop(task)
            case Prioritise(task, priority):
                if run := self._runs.get(_key(task)):
                    run.priority = priority
            case Question():
                self._questions.append((command, self._clock() + command.seconds))
            case CallEnded(future):
                self._finish(future)
            case Stop():
                self._stop()

    def advance(self) -> None:
        """Gives up what takes too long and hands over what may be computed next."""
        self._expire()
        if self._clock() >= self._resting_until:
            while len(self._calls) <= self._executor.slots and self._hand_over_next():
                pass
            self._start_clocks()

    def patience(self) -> float | None:
        """Seconds until ``advance`` has something to do by itself; None for never."""
        moments = [call.deadline for call in self._calls.values() if call.deadline is not None]
        moments += [deadline for _, deadline in self._questions]
        if self._clock() < self._resting_until:
            moments.append(self._resting_until)
        return max(min(moments) - self._clock(), 0.001) if moments else None

    def _hand_over_next(self) -> bool:
        """Whether one more call was handed over."""
        if any(_is_suspect(call) for call in self._calls.values()):
            return False
        if self._questions:
            return self._put_question(*self._questions.popleft())
        runs = [run for run in self._runs.values() if run.waiting]
        return bool(runs) and self._hand_over_job(self._fair.next(runs))

    def _put_question(self, question: Question, deadline: float) -> bool:
        if not self._hand_over(Call(question, deadline), question.function, question.args):
            _fail(question, WorkerLost("no worker is free to answer"))
        return True

    def _hand_over_job(self, run: Run) -> bool:
        job = run.waiting[0]
        if job.suspect and self._calls:
            # Alone: should a worker die once more, nobody else is to blame and nobody else hurt.
            return False
        handed = self._hand_over(Call((run, job), None), job.function, job.args)
        if handed:
            run.waiting.popleft()
        return handed

    def _hand_over(self, call: Call, function: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        try:
            future = self._executor.submit(function, *args)
        except Tier6Error as error:
            log.warning("executor_refuses", reason=str(error))
            self._rest()
            return False
        self._calls[future] = call
        future.add_done_callback(lambda done: self._post(CallEnded(done)))
        return True

    def _start_clocks(self) -> None:
        """The first calls, as many as there are slots, are those that run."""
        limit = self._clock() + self._chunk_timeout
        for number, call in enumerate(self._calls.values()):
            if number < max(self._executor.slots, 1) and call.deadline is None:
                call.deadline = limit

    def _finish(self, future: Future[Any]) -> None:
        """Settles a call; one that was dropped or ran out of time is no longer known."""
        call = self._calls.pop(future, None)
        if call is None:
            return
        if isinstance(call.of, Question):
            _relay(call.of, future)
        else:
            self._settle(*call.of, future)

    def _settle(self, run: Run, job: Job, future: Future[Any]) -> None:
        try:
            error = None if future.cancelled() else future.exception()
            if future.cancelled():
                run.lost(job, "its computation was stopped", blamed=False)
            elif isinstance(error, EngineDown):
                run.put_back(job)
                self._rest()
            elif isinstance(error, WorkerLost):
                run.lost(job, str(error), blamed=True)
            elif isinstance(error, InvalidInput | RunFailed):
                run.fail(str(error))
            else:
                run.answered(job, future.result())
        except Exception:
            log.exception("task_failed", task_id=run.task.task_id)
            run.fail(UNEXPECTED)
        if run.ended:
            self._drop(run.task)

    def _expire(self) -> None:
        now = self._clock()
        while self._questions and self._questions[0][1] <= now:
            _fail(self._questions.popleft()[0], _late())
        for future, call in tuple(self._calls.items()):
            if call.deadline is None or call.deadline > now:
                continue
            self._calls.pop(future, None)
            future.cancel()
            if isinstance(call.of, Question):
                _fail(call.of, _late())
                continue
            run, job = call.of
            run.lost(job, f"it took longer than {self._chunk_timeout:g} s", blamed=False)
            if run.ended:
                self._drop(run.task)

    def _rest(self) -> None:
        self._resting_until = self._clock() + REST_SECONDS

    def _drop(self, task: StoredTask) -> None:
        run = self._runs.pop(_key(task), None)
        for future, call in tuple(self._calls.items()):
            if run is not None and not isinstance(call.of, Question) and call.of[0] is run:
                del self._calls[future]
                future.cancel()

    def _stop(self) -> None:
        for run in tuple(self._runs.values()):
            self._drop(run.task)
        for future, call in self._calls.items():
            future.cancel()
            if isinstance(call.of, Question):
                _fail(call.of, WorkerLost("the server is stopping"))
        for question, _ in self._questions:
            _fail(question, WorkerLost("the server is stopping"))
        self._calls.clear()
        self._questions.clear()


class DispatchLoop:
    """The thread of a dispatcher. It never waits for the database, so the workers never do."""

    def __init__(self, executor: Executor, **given: Any) -> None:
        self._queue: CommandQueue[ToDispatcher] = CommandQueue()
        self._dispatcher = Dispatcher(executor, post=self._queue.post, **given)
        self._thread = threading.Thread(target=self._work, name="task-dispatcher", daemon=True)

    def start(self) -> None:
        """Begins to hand out calls."""
        self._thread.start()

    def stop(self) -> None:
        """Hands out no more and kills what is being computed."""
        self._queue.post(Stop())
        self._thread.join()

    def post(self, command: ToDispatcher) -> None:
        """Has the command carried out soon; for any thread."""
        self._queue.post(command)

    def ask(self, function: Callable[..., Any], *args: Any, seconds: float) -> Any:
        """The function's answer from a worker, the next call whatever else waits.

        Raises WorkerLost when there is none within ``seconds``, and what the function failed with.
        """
        question = Question(function, args, seconds)
        self._queue.post(question)
        return question.answer.result()

    def _work(self) -> None:
        stopped = False
        while not stopped:
            for command in self._queue.take(self._dispatcher.patience()):
                stopped = stopped or isinstance(command, Stop)
                self._guarded(lambda command=command: self._dispatcher.obey(command))
            if not stopped:
                self._guarded(self._dispatcher.advance)

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception:
            # One task's trouble must not end the thread that serves all of them.
            log.exception("dispatch_failed")


def _key(task: StoredTask) -> tuple[str, int]:
    return task.task_id, task.epoch


def _is_suspect(call: Call) -> bool:
    return not isinstance(call.of, Question) and call.of[1].suspect


def _late() -> WorkerLost:
    return WorkerLost("no worker has answered in time")


def _fail(question: Question, error: Tier6Error) -> None:
    with contextlib.suppress(InvalidStateError):
        question.answer.set_exception(error)


def _relay(question: Question, source: Future[Any]) -> None:
    """Ends the question's answer as ``source`` has ended."""
    error = WorkerLost("its computation was stopped") if source.cancelled() else source.exception()
    with contextlib.suppress(InvalidStateError):
        if error is None:
            question.answer.set_result(source.result())
        else:
            question.answer.set_exception(error)
