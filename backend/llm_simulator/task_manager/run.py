"""One running task's computation, step by step: lay out the plan, compute the chunks, assemble."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from llm_simulator.planner.evaluate import AnyOutcome
from llm_simulator.task_manager.chunks import plan_fingerprint
from llm_simulator.task_manager.commands import (
    ChunkComputed,
    ChunkLost,
    PlanLaidOut,
    Report,
    RunEnded,
)
from llm_simulator.task_manager.progress import Progress
from llm_simulator.task_manager.task_rows import StoredTask
from llm_simulator.task_manager.work import LaidOut, WorkerFunctions

ATTEMPTS = 3
PLAN, ASSEMBLE = -1, -2
"""Stand for the chunk in jobs that are not one."""
STEPS = {PLAN: "Laying out the plans", ASSEMBLE: "Assembling the result"}
UNEXPECTED = "The evaluation failed unexpectedly; the server's log has the details."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Job:
    """One call for a worker."""

    chunk: int
    function: Callable[..., Any]
    args: tuple[Any, ...]
    attempt: int = 1
    blamed: bool = False
    """Whether a worker died while it computed this; perhaps of something else."""

    @property
    def suspect(self) -> bool:
        """Whether one more death would fail its task: it is then computed alone, to be fair."""
        return self.blamed and self.attempt >= ATTEMPTS


class Run:
    """The computation of a task taken up; ``report`` is told what is to be stored of it."""

    def __init__(
        self,
        task: StoredTask,
        work: WorkerFunctions,
        report: Callable[[Report], None],
        max_plans: int | None = None,
    ) -> None:
        self.task = task
        self.priority = task.priority
        self.turn = 0
        self.ended = False
        self.waiting: deque[Job] = deque()
        self._work = work
        self._report = report
        self._max_plans = max_plans
        self._progress = Progress(task.task_id, task.experiment_name)
        self._outcomes: dict[int, AnyOutcome] = {}
        self._request: Any = task.request
        self._chunks = 0
        self._attempts = dict(task.resumed.attempts)
        self._wait(PLAN, work.lay_out)

    def answered(self, job: Job, answer: Any) -> None:
        """Takes a worker's answer and goes on to what follows from it."""
        if self.ended:
            return
        if job.chunk == PLAN:
            self._lay_out(answer)
        elif job.chunk == ASSEMBLE:
            self._end(RunEnded(self.task, result=answer))
        else:
            self._count(job, answer)

    def lost(self, job: Job, reason: str, *, blamed: bool) -> None:
        """Has a job computed again after its worker died, or fails after the last attempt."""
        log.warning(
            "chunk_lost",
            task_id=self.task.task_id,
            chunk=job.chunk,
            attempt=job.attempt,
            reason=reason,
        )
        if job.attempt >= ATTEMPTS:
            step = STEPS.get(job.chunk, f"Part {job.chunk + 1} of the search")
            self.fail(f"{step} failed {ATTEMPTS} times: {reason}.")
            return
        again = replace(job, attempt=job.attempt + 1, blamed=job.blamed or blamed)
        self.waiting.appendleft(again)
        self._report(ChunkLost(self.task, again.chunk, again.attempt))

    def put_back(self, job: Job) -> None:
        """Has a job wait that no worker has tried: the engine was down."""
        if not self.ended:
            self.waiting.appendleft(job)

    def fail(self, sentence: str) -> None:
        """Ends the run; what else is being computed of it no longer matters."""
        if not self.ended:
            self._end(RunEnded(self.task, failure=sentence))

    def _end(self, end: RunEnded) -> None:
        self.ended = True
        self.waiting.clear()
        self._report(end)

    def _lay_out(self, laid_out: LaidOut) -> None:
        work = laid_out.layout
        if self._max_plans is not None and work.total_plans > self._max_plans:
            self.fail(too_many(work.total_plans, self._max_plans))
            return
        self._request, self._chunks = laid_out.request, len(work.chunks)
        self._progress.planned(laid_out)
        self._resume(plan_fingerprint(work.total_plans, work.chunks))
        for number, chunk in enumerate(work.chunks):
            if number not in self._outcomes:
                self._wait(number, self._work.evaluate, chunk)
        self._assemble_when_complete()

    def _resume(self, fingerprint: str) -> None:
        """Takes over stored outcomes, if they are of the same plan."""
        stored = self.task.resumed
        if stored.fingerprint != fingerprint:
            self._attempts.clear()
            self._report(PlanLaidOut(self.task, fingerprint))
            return
        for number, outcome in stored.outcomes.items():
            self._outcomes[number] = outcome
            self._progress.add(outcome, resumed=True)

    def _count(self, job: Job, outcome: AnyOutcome) -> None:
        self._outcomes[job.chunk] = outcome
        self._progress.add(outcome)
        progress = self._progress.update(self.priority)
        self._report(ChunkComputed(self.task, job.chunk, job.attempt, outcome, progress))
        self._assemble_when_complete()

    def _assemble_when_complete(self) -> None:
        if len(self._outcomes) == self._chunks:
            ordered = [self._outcomes[number] for number in sorted(self._outcomes)]
            self._wait(ASSEMBLE, self._work.assemble, ordered)

    def _wait(self, chunk: int, function: Callable[..., Any], *args: Any) -> None:
        attempt = self._attempts.get(chunk, 1)
        job = Job(chunk, function, (self._request, *args), attempt, blamed=attempt > 1)
        self.waiting.append(job)


def too_many(plans: int, most: int) -> str:
    """What is wrong with a search of so many plans, and the way out."""
    return (
        f"{plans:,} plans are more than the {most:,} that one task may have; narrow the search "
        "(max_chips, fewer batch sizes), or split it into several tasks"
    )
