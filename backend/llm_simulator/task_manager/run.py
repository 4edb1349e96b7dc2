"""One running task's computation, step by step: lay out the plan, compute the chunks, assemble."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog

from llm_simulator.executors import envelope
from llm_simulator.executors.envelope import Envelope
from llm_simulator.executors.parcel import Shared
from llm_simulator.planner.evaluate import EvaluationResult
from llm_simulator.planner.search.outcome import Outcome
from llm_simulator.task_manager.chunks import plan_fingerprint
from llm_simulator.task_manager.progress import Progress
from llm_simulator.task_manager.task_rows import StoredTask

ATTEMPTS = 3
PLAN, ASSEMBLE = -1, -2
"""Stand for the chunk in jobs that are not one."""
STEPS = {PLAN: "Laying out the plans", ASSEMBLE: "Assembling the result"}
UNEXPECTED = "The evaluation failed unexpectedly; the server's log has the details."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Work:
    """The functions that workers run; each takes a request first and answers with an envelope."""

    plan: Callable[..., Envelope] = envelope.planned
    chunk: Callable[..., Envelope] = envelope.evaluated_chunk
    assemble: Callable[..., Envelope] = envelope.assembled


@dataclass(frozen=True)
class Job:
    """One call for a worker."""

    chunk: int
    function: Callable[..., Envelope]
    args: tuple[Any, ...]
    attempt: int = 1
    blamed: bool = False
    """Whether a worker died while it computed this; perhaps of something else."""

    @property
    def suspect(self) -> bool:
        """Whether one more death would fail its task: it is then computed alone, to be fair."""
        return self.blamed and self.attempt >= ATTEMPTS


class Observer(Protocol):
    """Who is told what a run has to have stored."""

    def planned(self, run: "Run", fingerprint: str) -> None:
        """The plan is laid out, and no longer as what is stored of earlier runs."""
        ...

    def computed(self, run: "Run", job: Job, outcome: Outcome) -> None:
        """A chunk has its outcome."""
        ...

    def lost(self, run: "Run", job: Job) -> None:
        """A job waits for another attempt, its number ``job.attempt``."""
        ...

    def ended(self, run: "Run") -> None:
        """The run has its ``result`` or its ``failure``."""
        ...


class Run:
    """The computation of a task taken up. All but reading is done by the feeder's thread."""

    def __init__(self, task: StoredTask, observer: Observer, work: Work) -> None:
        self.task = task
        self.priority = task.priority
        self.turn = 0
        self.progress = Progress(task.task_id, task.experiment_name)
        self.outcomes: dict[int, Outcome] = {}
        self.result: EvaluationResult | None = None
        self.failure: str | None = None
        self._observer = observer
        self._work = work
        self._request = Shared(task.request)
        self._chunks = 0
        self._attempts = dict(task.resumed.attempts)
        self.waiting: deque[Job] = deque()
        self._wait(PLAN, work.plan)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to compute."""
        return self.result is not None or self.failure is not None

    def answered(self, job: Job, answer: Envelope) -> None:
        """Takes a worker's answer and goes on to what follows from it."""
        if self.ended:
            return
        if not answer["ok"]:
            log.error("chunk_failed", task_id=self.task.task_id, trace=answer["trace"])
            self.fail(answer["error"])
        elif job.chunk == PLAN:
            self._lay_out(answer["outcome"])
        elif job.chunk == ASSEMBLE:
            self.result = answer["outcome"]
            self._observer.ended(self)
        else:
            self._count(job, answer["outcome"])

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
        self._observer.lost(self, again)

    def put_back(self, job: Job) -> None:
        """Has a job wait that no worker has tried: the engine was down."""
        if not self.ended:
            self.waiting.appendleft(job)

    def fail(self, sentence: str) -> None:
        """Ends the run; what else is being computed of it no longer matters."""
        if not self.ended:
            self.failure = sentence
            self.waiting.clear()
            self._observer.ended(self)

    def _lay_out(self, plan: dict[str, Any]) -> None:
        chunks = plan["chunks"]
        self._chunks = len(chunks)
        self._request = Shared(plan.get("request", self.task.request))
        self.progress.planned(plan["total_plans"], plan.get("evaluations"))
        self._resume(plan_fingerprint(plan["total_plans"], chunks))
        for number, chunk in enumerate(chunks):
            if number not in self.outcomes:
                self._wait(number, self._work.chunk, chunk)
        self._assemble_when_complete()

    def _resume(self, fingerprint: str) -> None:
        """Takes over stored outcomes, if they are of the same plan."""
        stored = self.task.resumed
        if stored.fingerprint != fingerprint:
            self._attempts.clear()
            self._observer.planned(self, fingerprint)
            return
        for number, outcome in stored.outcomes.items():
            self.outcomes[number] = outcome
            self.progress.add(outcome, resumed=True)

    def _count(self, job: Job, outcome: Outcome) -> None:
        self.outcomes[job.chunk] = outcome
        self.progress.add(outcome)
        self._observer.computed(self, job, outcome)
        self._assemble_when_complete()

    def _assemble_when_complete(self) -> None:
        if len(self.outcomes) == self._chunks:
            ordered = [self.outcomes[number] for number in sorted(self.outcomes)]
            self._wait(ASSEMBLE, self._work.assemble, ordered)

    def _wait(self, chunk: int, function: Callable[..., Envelope], *args: Any) -> None:
        attempt = self._attempts.get(chunk, 1)
        job = Job(chunk, function, (self._request, *args), attempt, blamed=attempt > 1)
        self.waiting.append(job)
