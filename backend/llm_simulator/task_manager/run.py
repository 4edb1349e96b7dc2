"""One task's computation: its chunks fed to the executor, retried, collected, assembled."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from queue import SimpleQueue
from typing import Any

import structlog

from llm_simulator.errors import RunFailed, WorkerLost
from llm_simulator.evaluation import EvaluationResult
from llm_simulator.executors.envelope import Envelope, assembled, evaluated_chunk, planned
from llm_simulator.executors.executor import Executor
from llm_simulator.search.outcome import Outcome

ATTEMPTS = 3

log = structlog.get_logger(__name__)


class Stopped(Exception):
    """The run was told to stop: by a cancel, a delete or the server's end."""


@dataclass(frozen=True)
class Job:
    """One call for a worker."""

    index: int
    function: Callable[..., Envelope]
    args: tuple[Any, ...]
    attempt: int = 1


class Run:
    """The computation of one running task. ``result`` is called once, ``stop`` from any thread.

    At most ``slots + 1`` chunks are with the executor at once: enough to keep every worker busy,
    few enough that several tasks share the workers fairly and a stop leaves little behind.
    """

    def __init__(
        self,
        *,
        task_id: str,
        request: dict[str, Any],
        executor: Executor,
        advanced: Callable[[Sequence[Outcome], int], None],
    ) -> None:
        self._task_id = task_id
        self._request = request
        self._executor = executor
        self._advanced = advanced
        self._finished: SimpleQueue[tuple[Job, Future[Envelope]] | None] = SimpleQueue()
        self._outstanding: set[Future[Envelope]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def result(self) -> EvaluationResult:
        """The final result; tells ``advanced`` after every chunk. Raises Stopped, RunFailed."""
        search = self._answer(planned)
        chunks = enumerate(search["chunks"])
        jobs = [Job(index, evaluated_chunk, (self._request, *chunk)) for index, chunk in chunks]
        outcomes: dict[int, Outcome] = {}
        for index, outcome in self._computed(jobs):
            outcomes[index] = outcome
            self._advanced(tuple(outcomes.values()), search["total_plans"])
        return self._answer(assembled, [outcomes[index] for index in sorted(outcomes)])

    def stop(self) -> None:
        """Feeds no more and kills what is being computed."""
        with self._lock:
            self._stopped = True
        self._finished.put(None)
        self._abandon()

    def _answer(self, function: Callable[..., Envelope], *args: Any) -> Any:
        """The outcome of one call for this request."""
        [(_, outcome)] = self._computed([Job(0, function, (self._request, *args))])
        return outcome

    def _computed(self, jobs: Sequence[Job]) -> Iterator[tuple[int, Any]]:
        """Each job's index and outcome, as they come in."""
        waiting = deque(jobs)
        try:
            while waiting or self._outstanding:
                self._feed(waiting)
                job, future = self._next_finished()
                outcome = self._outcome(job, future, waiting)
                if outcome is not None:
                    yield job.index, outcome
        finally:
            self._abandon()

    def _feed(self, waiting: deque[Job]) -> None:
        while waiting and len(self._outstanding) <= self._executor.slots:
            job = waiting.popleft()
            with self._lock:
                if self._stopped:
                    raise Stopped
                future = self._executor.submit(job.function, *job.args)
                self._outstanding.add(future)
            future.add_done_callback(lambda done, job=job: self._finished.put((job, done)))

    def _next_finished(self) -> tuple[Job, Future[Envelope]]:
        finished = self._finished.get()
        if finished is None or self._stopped:
            raise Stopped
        with self._lock:
            self._outstanding.discard(finished[1])
        return finished

    def _outcome(self, job: Job, future: Future[Envelope], waiting: deque[Job]) -> Outcome | None:
        """The job's outcome; None when its worker died and it waits for another try."""
        try:
            envelope = future.result()
        except WorkerLost as loss:
            waiting.appendleft(self._again(job, loss))
            return None
        if not envelope["ok"]:
            log.error("chunk_failed", task_id=self._task_id, trace=envelope["trace"])
            raise RunFailed(envelope["error"])
        return envelope["outcome"]

    def _again(self, job: Job, loss: WorkerLost) -> Job:
        log.warning("chunk_lost", task_id=self._task_id, chunk=job.index, attempt=job.attempt)
        if job.attempt >= ATTEMPTS:
            raise RunFailed(
                f"Part {job.index + 1} of the search was lost {ATTEMPTS} times: {loss}."
            ) from loss
        return replace(job, attempt=job.attempt + 1)

    def _abandon(self) -> None:
        with self._lock:
            left = tuple(self._outstanding)
            self._outstanding.clear()
        for future in left:
            future.cancel()
